"""Pure reasoning: facts and if-then rules in, everything that follows out, with its proof.

    JSON or text ──notation──▶ Rule, Fact ──stratification──▶ strata ──forward_chaining──▶ Closure
                                                                       (plans, fact_base)     │
                                                              JSON ◀──notation── proofs ◀─────┘

It is Datalog with negation by stratum, comparisons and bounded arithmetic. The same program gives
the same facts, in the same order, with the same proofs.
"""
