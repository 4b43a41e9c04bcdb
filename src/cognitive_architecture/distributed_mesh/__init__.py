"""One mesh out of many machines: the journey of a task from submit to accepted result."""
