"""`make fuzz`: plans roles, checks its builds, runs both engines on shared corpora, triages, reports.

plan      who runs when, pure arithmetic            engines   how libFuzzer and AFL++ are called and read
builds    what is fuzzed, and whether it is sound   seeds     where the corpora begin
triage    from a crashing input to a failure id     findings  what was found, one entry an id
summary   summary.json and report.html              screen    the live line
campaign  the loop that holds them together         process   children that never outlive us
"""
