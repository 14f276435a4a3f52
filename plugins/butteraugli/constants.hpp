#pragma once
// The numbers of Butteraugli as libjxl has them since 0.8, fitted by its authors to people's judgements. Names
// say where each enters; both twins use the same ones.

#include <array>
#include <cstddef>

namespace giflab::butteraugli {

// ---- From light to XYB: absorbance of three kinds of cones, then a response that adapts to the surroundings.

struct cone {
   double red, green, blue; // of light in nits
   double floor;            // what the cone reports in the dark
};
inline constexpr cone cones[3] = {
    {0.29956550340058319, 0.63373087833825936, 0.077705617820981968, 1.7557483643287353},
    {0.22158691104574774, 0.69391388044116142, 0.0987313588422, 1.7557483643287353},
    {0.02, 0.02, 0.20480129041026129, 12.226454707163354},
};
// response = scale ln(absorbed + bias) + offset
inline constexpr double response_scale = 19.245013259874995;
inline constexpr double response_bias = 9.9710635769299145;
inline constexpr double response_offset = -23.16046239805755;
inline constexpr double least_sensitivity = 1e-4;

// ---- Bands of frequency, each the difference of two blurs.

inline constexpr double surroundings_sigma = 1.2;
inline constexpr double low_sigma = 7.15593339443;
inline constexpr double middle_sigma = 3.22489901262;
inline constexpr double high_sigma = 1.56416327805;
inline constexpr double mask_sigma = 2.7;

// Gaussians end at 2.25 sigma.
constexpr int radius_of(double sigma) {
   const int radius = static_cast<int>(2.25 * sigma);
   return radius < 1 ? 1 : radius;
}
inline constexpr int surroundings_reach = radius_of(surroundings_sigma);
inline constexpr int low_reach = radius_of(low_sigma);
inline constexpr int middle_reach = radius_of(middle_sigma);
inline constexpr int high_reach = radius_of(high_sigma);
inline constexpr int mask_reach = radius_of(mask_sigma);

// Low frequencies as lengths: X, Y, and B less a share of Y.
inline constexpr double low_x = 33.832837186260, low_y = 14.458268100570, low_b = 49.87984651440;
inline constexpr double low_b_from_y = -0.362267051518;

// Ranges around zero that are taken out or doubled.
inline constexpr double middle_x_removed = 0.29, middle_y_doubled = 0.1;
inline constexpr double high_x_removed = 1.5, high_y_doubled = 0.132;
inline constexpr double ultra_x_removed = 0.04;

// Brightness that changes fast hides red against green: the share of X left is floor + (1 - floor) s / (s +
// Y^2).
inline constexpr double suppression = 46.0, suppression_floor = 0.653020556257;

// Beyond the limit the rest counts for this share.
inline constexpr double limited_share = 0.724216145665;
inline constexpr double high_y_limit = 28.4691806922, ultra_y_limit = 5.19175294647;
inline constexpr double high_y_gain = 2.155, ultra_y_gain = 2.69313763794;

// ---- Differences along lines ("Malta").

// Of one band and channel: `weight` of the difference, and `norm`, the strength that halves it.
struct line_term {
   double weight, norm;
};
inline constexpr line_term middle_x_lines = {8246.75321353, 1009002.70582};
inline constexpr line_term middle_y_lines = {37.0819870399, 130262059.556};
inline constexpr line_term high_x_lines = {6923.99476109, 8051.15833247};
inline constexpr line_term high_y_lines = {18.7237414387, 4498534.45232};
inline constexpr line_term ultra_x_lines = {173.5, 5.0};
inline constexpr line_term ultra_y_lines = {1.10039032555, 71.7800275169};
inline constexpr double line_length = 2 * 3.75 + 1;
inline constexpr double dense_gain = 0.39905817637, sparse_gain = 0.611612573796;
inline constexpr double both_ways_share = 0.5, one_way_share = 0.33;
// One-way differences: where the distorted value is less than this share of the reference's, or more than that.
inline constexpr double too_small = 0.55, too_big = 1.05;

struct offset {
   int down, right;
};
inline constexpr int line_reach = 4;

// A line through a pixel: the pixel, and samples at these offsets and their opposites.
struct line {
   int times; // that its squared sum counts
   int count;
   std::array<offset, 4> steps;
};

// For the finest band. Lines that begin with the same step stand together: their first sums are the same.
inline constexpr line dense_lines[] = {
    {1, 4, {{{0, 1}, {0, 2}, {0, 3}, {0, 4}}}},
    {2, 4, {{{0, 1}, {1, 2}, {1, 3}, {1, 4}}}},
    {2, 4, {{{0, 1}, {-1, 2}, {-1, 3}, {-1, 4}}}},
    {1, 4, {{{1, 0}, {2, 0}, {3, 0}, {4, 0}}}},
    {2, 4, {{{1, 0}, {2, 1}, {3, 1}, {4, 1}}}},
    {2, 4, {{{1, 0}, {2, -1}, {3, -1}, {4, -1}}}},
    {1, 3, {{{1, 1}, {2, 2}, {3, 3}}}},
    {1, 3, {{{1, 1}, {2, 1}, {3, 2}}}},
    {1, 3, {{{1, 1}, {1, 2}, {2, 3}}}},
    {1, 3, {{{1, -1}, {2, -2}, {3, -3}}}},
    {1, 3, {{{1, -1}, {2, -1}, {3, -2}}}},
    {1, 3, {{{1, -1}, {1, -2}, {2, -3}}}},
};

// For the coarser ones.
inline constexpr line sparse_lines[] = {
    {1, 2, {{{0, 2}, {0, 4}}}},   {1, 2, {{{2, 0}, {4, 0}}}},   {1, 2, {{{2, 2}, {3, 3}}}},
    {1, 2, {{{2, -2}, {3, -3}}}}, {1, 2, {{{2, 1}, {4, 1}}}},   {1, 2, {{{2, 1}, {3, 2}}}},
    {1, 2, {{{2, 1}, {4, 2}}}},   {1, 2, {{{2, -1}, {4, -1}}}}, {1, 2, {{{2, -1}, {3, -2}}}},
    {1, 2, {{{2, -1}, {4, -2}}}}, {1, 2, {{{1, 2}, {1, 4}}}},   {1, 2, {{{1, 2}, {2, 3}}}},
    {1, 2, {{{1, 2}, {2, 4}}}},   {1, 2, {{{-1, 2}, {-1, 4}}}}, {1, 2, {{{-1, 2}, {-2, 3}}}},
    {1, 2, {{{-1, 2}, {-2, 4}}}},
};

// ---- Differences pixel by pixel: weights of squares.

inline constexpr double high_x_weight = 400.0, high_y_weight = 1.50815703118;
inline constexpr double middle_x_weight = 2150.0, middle_y_weight = 10.6195433239;
inline constexpr double middle_b_weight = 16.2176043152;
inline constexpr double low_x_weight = 29.2353797994, low_y_weight = 0.844626970982;
inline constexpr double low_b_weight = 0.703646627719;
// The one-way part of the high band.
inline constexpr double high_share = 0.8, high_too_small = 0.4;

// ---- Masking: what is busy hides differences.

inline constexpr double activity_x = 2.5, activity_ultra_y = 0.4, activity_high_y = 0.4;
inline constexpr double activity_scale = 6.19424080439, activity_bias = 12.61050594197;
inline constexpr double activity_difference_weight = 10.0;
inline constexpr int erosion_step = 3;
inline constexpr double erosion[3] = {0.45, 0.3, 0.25}; // of the smallest, the second, the third

// A mask becomes the weight (overall (1 + gain / (slope mask + offset)))^2.
struct visibility {
   double offset, slope, gain;
};
inline constexpr visibility detail_visibility = {0.829591754942, 0.451936922203, 2.5485944793};
inline constexpr visibility low_visibility = {0.20025578522, 3.87449418804, 0.505054525019};
inline constexpr double overall = 1 / (17.83 * 0.79079917404);

// ---- Two scales

inline constexpr double halved_weight = 0.5;
inline constexpr double kept_weight = 1 - 0.3 * halved_weight;
inline constexpr int least_side = 8; // smaller pictures are extended by their edges

} // namespace giflab::butteraugli
