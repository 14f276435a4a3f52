#pragma once
// Pictures and clips made for checks: equal seeds, equal pixels.

#include "media/picture.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace giflab::validator {

enum class motif {
   scene, // smooth shapes, edges and a little grain: the ordinary case
   noise, // every byte random, alpha 255
   gradient,
   black,
   white,
   single_pixel, // one white pixel on black
   checkerboard, // black and white, pixel by pixel
   transparent,  // colours under alpha 0
   translucent,  // alpha of every value
   one_colour,   // a palette of one
   many_colours, // a palette of 256, every entry in use where there are enough pixels
   dark,         // 0 and 1 only: the smallest values of every representation
};
inline constexpr std::array every_motif = {motif::scene,        motif::noise,        motif::gradient,
                                           motif::black,        motif::white,        motif::single_pixel,
                                           motif::checkerboard, motif::transparent,  motif::translucent,
                                           motif::one_colour,   motif::many_colours, motif::dark};
const char *motif_name(motif shown);

// A picture without its place in time. Indexed if it has at most 256 colours.
media::picture_pointer make_picture(motif shown, int32_t width, int32_t height, uint64_t seed);

// The picture with noise of this amplitude (0 to 255) added to its colours.
media::picture_pointer damaged(const media::picture &source, int amplitude, uint64_t seed);

// One pair of a clip. Both sides are on show at the same moment.
struct test_frame {
   media::picture_pointer reference, distorted;
   int64_t start_us = 0, duration_us = 100'000;
};
struct test_clip {
   int32_t width = 0, height = 0;
   std::vector<test_frame> frames;

   int64_t duration_us() const;
};

// A scene that moves a little from frame to frame, and the same under noise of this amplitude.
test_clip make_clip(int32_t width, int32_t height, std::size_t frames, uint64_t seed, int amplitude = 12);

// One pair of a motif and the same under noise.
test_clip make_still(motif shown, int32_t width, int32_t height, uint64_t seed, int amplitude = 12);

// The clip with each reference on both sides.
test_clip identical(const test_clip &source);

// Writes one side of the clip as a GIF of at most 256 colours a frame, looping for ever. False if it cannot.
bool write_gif(const test_clip &clip, bool distorted, const std::string &path);

} // namespace giflab::validator
