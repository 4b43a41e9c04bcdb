"""What tests share: values with uninteresting fields filled in, a harness for the dispatch machine,
scripted peers, and the invariants of the board."""
