/* One pair of calls for both interfaces; a call that is refused where it must not be ends the boot. */
#include "calls.h"

#include "../../../core/pmm_allocator.h"
#include "console.h"

bool take(const struct calls *calls, unsigned order, unsigned flags, uint64_t *address)
{
    enum pmm_status status;

    if (calls->facade) {
        const int64_t frame = pmm_allocator_allocate(order == PMM_ORDER_LARGE);

        *address = (uint64_t)frame;
        return frame != -1;
    }
    status = pmm_alloc(calls->pmm, order, flags, address);
    if (status != PMM_OK && status != PMM_ERR_NO_MEMORY)
        fail("calls", "pmm_alloc, another refusal than for want of memory", PMM_ERR_NO_MEMORY, status);
    return status == PMM_OK;
}

void give(const struct calls *calls, uint64_t address, unsigned order)
{
    enum pmm_status status;

    if (calls->facade) {
        pmm_allocator_release(address); /* a refusal comes through the hook, which fails */
        return;
    }
    status = pmm_free(calls->pmm, address, order);
    if (status != PMM_OK) {
        say("\npmm_free: ");
        say(pmm_status_name(status));
        fail("calls", "an owner may not free this address", address, status);
    }
}
