"""`make fuzz`: checks its builds and its pipeline, runs both engines on shared corpora, triages, reports.

before      plan       who runs when, pure arithmetic        builds    what is fuzzed, whether it is sound
            health     planted faults that must be found     seeds     where the corpora begin
meanwhile   campaign   the loop that holds them together     engines   how the engines are called and read
            desk       takes up what is found, beside them   screen    what a person sees
            process    children that never outlive us        disk      bounds, and corpora made smaller
            shared_memory  what killed engines left          naming    adapters and inputs of any name
findings    triage     from a crashing input to an id        findings  one folder an id
            minimize   small programs, traces, C tests       tables    the ids, as the C sources have them
shown       summary    summary.json                          page      report.html
            pictures   frames and charts                     history   over time, and the campaigns before
by hand     workbench  make minimize, make adopt             overview  make fuzz-stop, fuzz-report, corpus
            proofs     make prove                            canaries  make canaries
"""
