// A module whose entry is what it was in many other plugin systems: a function.
__attribute__((visibility("default"))) const void *giflab_module_entry(void) { return "GIFL"; }
