// A library of the author's own, which exports what another library exports too.
__attribute__((visibility("default"))) double blur(double value) { return value; }
