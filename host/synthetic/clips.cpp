// The recipes. Levels are truncated, never rounded; formulas run in doubles.

#include "synthetic/clips.hpp"

#include "synthetic/arithmetic.hpp"
#include "synthetic/shapes.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace giflab::synthetic {

namespace {

constexpr colour black = {0, 0, 0}, white = {255, 255, 255};

uint8_t truncated(double level) { return static_cast<uint8_t>(static_cast<int>(level)); }

colour rgb(int red, int green, int blue) {
   return {static_cast<uint8_t>(red), static_cast<uint8_t>(green), static_cast<uint8_t>(blue)};
}

// Rounded towards minus infinity.
int floor_divided(int a, int b) { return a / b - (a % b < 0); }

// A picture that a formula of place gives.
template <class Formula> drawing filled(const moment &at, Formula &&formula) {
   drawing made(at.width, at.height, black);
   for (int y = 0; y < at.height; ++y)
      for (int x = 0; x < at.width; ++x)
         made.at(x, y) = formula(x, y);
   return made;
}

struct polar {
   double distance, angle;
};

polar around_centre(const moment &at, int x, int y) {
   const double dx = x - at.width / 2, dy = y - at.height / 2;
   return {std::sqrt(dx * dx + dy * dy), angle_of(dy, dx)};
}

// ---- Gradients

drawing gradient(const moment &at) {
   const double shift = at.share() * 255;
   return filled(at, [&](int x, int y) {
      const int blue = static_cast<int>((x + y + shift) / (at.width + at.height) * 255);
      return colour{truncated(static_cast<double>(x) / at.width * 255),
                    truncated(static_cast<double>(y) / at.height * 255), static_cast<uint8_t>(blue % 255)};
   });
}

drawing complex_gradient(const moment &at) {
   const double phase = at.share() * 2 * pi;
   return filled(at, [&](int x, int y) {
      const polar place = around_centre(at, x, y);
      const double angle = place.angle + phase;
      return colour{truncated(127 + 127 * sine(angle)), truncated(127 + 127 * cosine(angle * 1.5)),
                    truncated(127 + 127 * sine(place.distance / 20 + phase))};
   });
}

drawing texture(const moment &at) {
   const double phase = at.share() * 4 * pi;
   return filled(at, [&](int x, int y) {
      return colour{truncated(127 + 60 * (sine(x * 0.1 + phase) * cosine(y * 0.1))),
                    truncated(127 + 60 * sine(x * 0.05 + y * 0.05 + phase * 0.5)),
                    truncated(127 + 60 * sine((x + y) * 0.02 + phase * 0.3))};
   });
}

// Full brightness; `hue` in degrees from 0 to 360.
colour from_hue(double hue, double saturation) {
   const int sixth = static_cast<int>(hue / 60) % 6;
   const double part = hue / 60 - sixth;
   const uint8_t least = truncated((1 - saturation) * 255), falling = truncated((1 - part * saturation) * 255),
                 rising = truncated((1 - (1 - part) * saturation) * 255);
   switch (sixth) {
   case 0:
      return {255, rising, least};
   case 1:
      return {falling, 255, least};
   case 2:
      return {least, 255, rising};
   case 3:
      return {least, falling, 255};
   case 4:
      return {rising, least, 255};
   default:
      return {255, least, falling};
   }
}

drawing spectrum(const moment &at) {
   const double phase = at.share() * 360;
   const int radius = std::min(at.width, at.height) / 2;
   return filled(at, [&](int x, int y) {
      const polar place = around_centre(at, x, y);
      if (place.distance > radius)
         return black;
      double hue = place.angle * (180 / pi) + phase; // -180 to 540
      hue += hue < 0 ? 360 : 0;
      return from_hue(hue >= 360 ? hue - 360 : hue, place.distance / radius);
   });
}

// ---- Noise

// As NumPy's RandomState draws: the generator seeded as Knuth has it, seven bits of each number, those over 100
// thrown away. All reds come first, row by row, then all greens, then all blues.
drawing noise(const moment &at) {
   std::mt19937 numbers(42 * static_cast<uint32_t>(at.frame));
   const int base = static_cast<int>(128 + 50 * sine(at.share() * 2 * pi));
   drawing made(at.width, at.height, black);
   for (std::size_t channel = 0; channel < 3; ++channel)
      for (colour &pixel : made.pixels) {
         uint32_t drawn = numbers() & 127;
         while (drawn > 100)
            drawn = numbers() & 127;
         pixel[channel] = static_cast<uint8_t>(std::clamp(base + static_cast<int>(drawn) - 50, 0, 255));
      }
   return made;
}

// ---- Flat

constexpr colour bright[] = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 0}, {255, 0, 255}};

drawing solid_blocks(const moment &at) {
   return filled(at, [&](int x, int y) { return bright[(x / 20 + y / 20 + at.frame) % 5]; });
}

// Ten pixels of offset or more move the board by one cell: all clips of it have two pictures, in turn.
drawing checkerboard(const moment &at) {
   const int offset = static_cast<int>(at.share() * 20);
   return filled(at, [&](int x, int y) {
      const int cell = (x / 10 * 10 + y / 10 * 10 + offset) / 10;
      return cell % 2 == 0 ? white : black;
   });
}

drawing one_colour(const moment &at) { return {at.width, at.height, bright[at.frame % 3]}; }

// ---- Shapes

// The larger ones are drawn later, and over the smaller: the outermost is what is seen.
drawing hexagons(const moment &at) {
   drawing made(at.width, at.height, {50, 50, 50});
   const int half = std::min(at.width, at.height) / 2;
   for (int radius = 20; radius < half; radius += 15) {
      std::array<point, 6> corners;
      for (int i = 0; i < 6; ++i) {
         const double angle = (at.share() * 360 + i * 60) * (pi / 180);
         corners[static_cast<std::size_t>(i)] = {at.width / 2 + radius * cosine(angle),
                                                 at.height / 2 + radius * sine(angle)};
      }
      const int level = static_cast<int>(100 + 100 * (static_cast<double>(radius) / half));
      fill_polygon(made, corners, rgb(level, level / 2, 255 - level));
   }
   return made;
}

drawing motion(const moment &at) {
   drawing made(at.width, at.height, {0, 0, 50});
   const double share = at.share();
   const int x = static_cast<int>(share * (at.width - 20));
   const int y = static_cast<int>(at.height / 2 + 30 * sine(share * 6 * pi));
   fill_ellipse(made, x, y, x + 20, y + 20, {255, 200, 100});
   const int left = static_cast<int>(at.width / 2 + at.width / 3 * sine(share * 4 * pi));
   const int top = static_cast<int>(std::abs(sine(share * 8 * pi)) * (at.height - 30));
   fill_rectangle(made, left, top, left + 15, top + 15, {100, 255, 150});
   return made;
}

// A third each: a photograph's sky, bars as of text, and a disc.
drawing mixed(const moment &at) {
   drawing made(at.width, at.height, {240, 240, 245});
   const int third = at.height / 3;
   const int sway = static_cast<int>(20 * sine(at.share() * 2 * pi));
   for (int y = 0; y < third; ++y) {
      const int level = static_cast<int>(180 + 50 * (static_cast<double>(y) / third));
      fill_rectangle(made, 0, y, at.width - 1, y,
                     rgb(level + sway, level - floor_divided(sway, 2), level + floor_divided(sway, 3)));
   }
   const int width = at.width / 8;
   for (int i = 0; i < 8; ++i) {
      const int height = 5 + (at.frame + i) % 8, top = third + 20 + i * 3;
      if (top + height < 2 * third)
         fill_rectangle(made, i * width, top, i * width + width - 2, top + height, {50, 50, 50});
   }
   const int x = static_cast<int>(at.share() * (at.width - 40) + 20), y = 2 * third + 20;
   fill_ellipse(made, x - 15, y - 15, x + 15, y + 15, {255, 100, 100});
   return made;
}

drawing chart(const moment &at) {
   constexpr int margin = 30, count = 10;
   drawing made(at.width, at.height, white);
   const int right = at.width - margin, bottom = at.height - margin;
   fill_rectangle(made, margin, bottom - 1, right, bottom, black);
   fill_rectangle(made, margin - 1, margin, margin, bottom, black);
   const auto place = [&](int i) {
      const double level = 0.5 + 0.3 * sine(i / 2.0 + at.share() * 2 * pi);
      return point{margin + i / (count - 1.0) * (at.width - 2 * margin),
                   bottom - level * (at.height - 2 * margin)};
   };
   for (int i = 0; i < count; ++i) {
      const point here = place(i);
      fill_ellipse(made, here.x - 3, here.y - 3, here.x + 3, here.y + 3, {200, 50, 50});
      if (i > 0)
         draw_line(made, place(i - 1), here, 2, {100, 150, 200});
   }
   return made;
}

// The point of the square around a circle of radius 1 that lies in the direction of an angle from 0 to 350.
point on_square(int degrees) {
   const double angle = degrees * (pi / 180), x = cosine(angle), y = sine(angle);
   const double reach = std::max(std::abs(x), std::abs(y));
   return {x / reach, y / reach};
}

void draw_circle_to_square(drawing &on, point middle, int radius, double share) {
   std::vector<point> corners;
   for (int degrees = 0; degrees < 360; degrees += 10) {
      const double angle = degrees * (pi / 180);
      const point square = on_square(degrees);
      corners.push_back({middle.x + radius * (cosine(angle) + share * (square.x - cosine(angle))),
                         middle.y + radius * (sine(angle) + share * (square.y - sine(angle)))});
   }
   fill_polygon(on, corners, {truncated(255 * (1 - share)), truncated(255 * share), 100});
}

void draw_square_to_triangle(drawing &on, point middle, int radius, double share) {
   // The fourth corner goes to the third while the first two meet at the top.
   const std::array<point, 4> from = {point{-1, -1}, {1, -1}, {1, 1}, {-1, 1}};
   const std::array<point, 4> to = {point{0, -1}, {0, -1}, {1, 1}, {-1, 1}};
   std::array<point, 4> corners;
   for (std::size_t i = 0; i < corners.size(); ++i)
      corners[i] = {middle.x + radius * (from[i].x + share * (to[i].x - from[i].x)),
                    middle.y + radius * (from[i].y + share * (to[i].y - from[i].y))};
   fill_polygon(on, corners, {100, truncated(255 * (1 - share)), truncated(255 * share)});
}

drawing morph(const moment &at) {
   drawing made(at.width, at.height, black);
   const point middle = {static_cast<double>(at.width / 2), static_cast<double>(at.height / 2)};
   const int radius = std::min(at.width, at.height) / 4;
   if (at.share() < 0.5)
      draw_circle_to_square(made, middle, radius, at.share() * 2);
   else
      draw_square_to_triangle(made, middle, radius, (at.share() - 0.5) * 2);
   return made;
}

// ---- Little changes, and fine ones

drawing few_pixels(const moment &at) {
   drawing made(at.width, at.height, {128, 128, 128});
   for (int i = 0; i < 3; ++i) {
      const int x = (at.frame * 7 + i * 13) % at.width, y = (at.frame * 5 + i * 11) % at.height;
      const int shift = (at.frame * 17 + x + y) % 64;
      made.at(x, y) = rgb(128 + shift, 128 - shift / 2, 128 + shift / 3);
   }
   made.at(at.frame * 2 % at.width, at.frame % at.height) = white;
   return made;
}

drawing nearly_still(const moment &at) {
   drawing made(at.width, at.height, {200, 210, 220});
   for (int x = 0; x < at.width; x += 20)
      for (int y = 0; y < at.height; y += 20)
         outline_rectangle(made, x, y, x + 18, y + 18, {180, 190, 200});
   if (at.frame % 5 == 0) {
      const int x = at.frame / 5 % (at.width - 10), y = at.height / 2;
      fill_ellipse(made, x, y, x + 8, y + 8, {220, 100, 100});
   }
   if (at.frame % 8 < 2)
      fill_ellipse(made, at.width - 20, 20, at.width - 16, 24, {100, 220, 100});
   return made;
}

drawing fine_detail(const moment &at) {
   const double frequency = 0.5 + at.share() * 0.3;
   const int offset = at.frame % 6;
   return filled(at, [&](int x, int y) {
      if ((x - y - offset + 6 * at.height) % 3 == 0)
         return colour{100, 100, 100}; // diagonals, three pixels apart
      if (static_cast<int>(around_centre(at, x, y).distance * frequency) % 2 == 0)
         return colour{200, 200, 200}; // rings
      return x % 2 == 0 && y % 2 == 0 && (x + y + at.frame) % 4 == 0 ? black : white;
   });
}

constexpr clip all_clips[] = {
    {"smooth_gradient", 8, 120, 120, "a gradient that shifts", gradient, true},
    {"complex_gradient", 8, 150, 150, "gradients around the centre", complex_gradient, true},
    {"solid_blocks", 8, 100, 100, "blocks of five colours", solid_blocks, true},
    {"high_contrast", 8, 120, 120, "a black and white board: two pictures in turn", checkerboard, true},
    {"photographic_noise", 8, 140, 140, "noise", noise, true},
    {"texture_complex", 8, 130, 130, "waves in three channels", texture, true},
    {"geometric_patterns", 8, 110, 110, "a hexagon that turns", hexagons, true},
    {"few_colors", 8, 100, 100, "one colour at a time, of three", one_colour, true},
    {"many_colors", 20, 160, 160, "a wheel of hues that turns", spectrum, true},
    {"animation_heavy", 25, 100, 100, "two things that move", motion, true},
    {"gradient_small", 8, 50, 50, "a gradient that shifts", gradient, true},
    {"gradient_medium", 8, 200, 200, "a gradient that shifts", gradient, false},
    {"gradient_large", 8, 500, 500, "a gradient that shifts", gradient, true},
    {"gradient_xlarge", 8, 1000, 1000, "a gradient that shifts", gradient, true},
    {"noise_small", 8, 50, 50, "noise", noise, false},
    {"noise_large", 8, 500, 500, "noise", noise, true},
    {"minimal_frames", 2, 120, 120, "a gradient that shifts once", gradient, true},
    {"long_animation", 40, 120, 120, "two things that move", motion, true},
    {"extended_animation", 60, 120, 120, "two things that move", motion, false},
    {"mixed_content", 8, 200, 150, "sky, bars and a disc", mixed, true},
    {"data_visualization", 8, 300, 200, "a chart", chart, false},
    {"transitions", 8, 150, 150, "circle to square to triangle", morph, false},
    {"single_pixel_anim", 8, 100, 100, "four pixels that change", few_pixels, false},
    {"static_minimal_change", 15, 150, 150, "tiles and two dots", nearly_still, false},
    {"high_frequency_detail", 8, 200, 200, "dots, rings and diagonals", fine_detail, false},
};

} // namespace

std::span<const clip> clips() { return all_clips; }

} // namespace giflab::synthetic
