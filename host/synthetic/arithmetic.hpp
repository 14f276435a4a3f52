#pragma once
// Functions that give the same bits on every machine: additions, multiplications, divisions and square roots of
// doubles alone, which IEEE 754 fixes. The C library's own sines differ in the last place from one to the
// next, and one place is enough to turn a truncated level of 254 into 253.

namespace giflab::synthetic {

constexpr double pi = 3.14159265358979323846;

// Within a unit in the last place for |x| up to 1000, in radians.
double sine(double x);
double cosine(double x);

// The angle of (x, y), -pi to pi, within five units in the last place; 0 for the origin.
double angle_of(double y, double x);

} // namespace giflab::synthetic
