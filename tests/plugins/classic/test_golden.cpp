// Values that GifLab 0.2.0 computed for generated pictures that were handed to it directly.

#include "fake_host.hpp"

#include "comparison.hpp"
#include "outputs.hpp"
#include "sampling.hpp"

#include <doctest/doctest.h>

#include <functional>

namespace giflab::classic {
namespace {

using generator = std::function<std::array<int, 3>(int x, int y, int t)>;

struct generated_clip {
   std::vector<uint8_t> memory;
   clip pictures;

   generated_clip(extent size, uint32_t count, const generator &make)
       : memory(clip::bytes(size, count)), pictures(size, count, memory) {
      for (uint32_t t = 0; t < count; ++t)
         for (int y = 0; y < size.height; ++y)
            for (int x = 0; x < size.width; ++x) {
               const auto rgb = make(x, y, static_cast<int>(t));
               for (uint32_t c = 0; c < 3; ++c)
                  pictures.plane(t, static_cast<plane_kind>(c))[y * size.width + x] =
                      static_cast<uint8_t>(std::clamp(rgb[c], 0, 255));
            }
      test::fake_call call;
      jobs work;
      plan_planes(work, pictures);
      work.run(call.c);
   }
};

key_values compared(const generated_clip &a, const generated_clip &b) {
   test::fake_call call;
   return compare_clips(call.c, a.pictures, b.pictures);
}

struct expected {
   key which;
   double value;
   double tolerance = 1e-6; // relative
};

void check(const key_values &found, std::initializer_list<expected> list) {
   for (const expected &want : list) {
      INFO(outputs[want.which].id);
      CHECK(std::fabs(found[want.which] - want.value) <= want.tolerance * std::fabs(want.value));
   }
}

// The old package's floats of 32 bits lose digits where variances cancel.
constexpr double float_cancellation = 3e-5;

std::array<int, 3> stripes(int x, int y, int t) {
   return {(2 * x + 5 * t) % 256, 3 * y % 256, (x * y / 16 + 10 * t) % 256};
}
std::array<int, 3> ramp(int x, int y, int t) { return {40 + x / 2 + 2 * t, 60 + y / 3, 90 + (x + y) / 6}; }

template <class Change> generator changed(const generator &source, Change &&change) {
   return [=](int x, int y, int t) {
      auto rgb = source(x, y, t);
      for (int &value : rgb)
         value = change(value, x, y, t);
      return rgb;
   };
}

// Lines of shapes like letters on light ground.
int glyphs(int x, int y, int t) {
   for (int r = 0; r < 4; ++r)
      for (int c = 0; c < 14; ++c) {
         const int u = x - (12 + 13 * c), v = y - (14 + 26 * r), k = (3 * c + 5 * r + t) % 4;
         if (u < 0 || v < 0 || u >= 9 || v >= 12)
            continue;
         if (u < 2 || ((k & 1) && u >= 7) || ((k & 2) && (v == 5 || v == 6)) || (k == 0 && (v < 2 || v >= 10)))
            return 20;
      }
   return 240;
}

TEST_CASE("G1: stripes, posterised") {
   const generated_clip a({96, 80}, 4, stripes),
       b({96, 80}, 4, changed(stripes, [](int v, int, int, int) { return v / 32 * 32 + 16; }));
   check(compared(a, b), {{SSIM, 0.770758256583},
                          {SSIM_STD, 0.000926862813},
                          {SSIM_MIN, 0.769735542529},
                          {SSIM_MAX, 0.771855252682},
                          {SSIM_POSITIONAL_VARIANCE, 6.10588259e-7},
                          {MS_SSIM, 0.858950175696, float_cancellation},
                          {PSNR, 0.575181304000},
                          {PSNR_RAW, 28.7590652},
                          {MSE, 86.5472240448},
                          {MSE_MIN, 83.8715286},
                          {MSE_MAX, 87.9604187},
                          {RMSE, 9.30265253554},
                          {FSIM, 0.0942049622536},
                          {GMSD, 0.380261160433, float_cancellation},
                          {CHIST, 0.565823090860},
                          {EDGE_SIMILARITY, 0.144889300390},
                          {EDGE_SIMILARITY_MIN, 0.129707113},
                          {EDGE_SIMILARITY_MAX, 0.181008902},
                          {TEXTURE_SIMILARITY, 0.436666926124},
                          {SHARPNESS_SIMILARITY, 0.340579977614},
                          {TEMPORAL_CONSISTENCY_PRE, 0.999946523673},
                          {TEMPORAL_CONSISTENCY_POST, 0.990122204562},
                          {DISPOSAL_ARTIFACTS_PRE, 0.680801822662},
                          {DISPOSAL_ARTIFACTS_POST, 0.531314582825},
                          {FLAT_FLICKER_RATIO, 0},
                          {TEMPORAL_PUMPING_SCORE, 0},
                          {QUALITY_OSCILLATION_FREQUENCY, 0},
                          {LPIPS_T_MEAN, 0.00700209910},
                          {LPIPS_T_P95, 0.00733978567},
                          {BANDING_SCORE_MEAN, 0},
                          {DELTAE_MEAN, 5.14769053},
                          {DELTAE_P95, 5.39161367},
                          {DELTAE_MAX, 5.40473747},
                          {COLOR_PATCH_COUNT, 4},
                          {DELTAE_PCT_GT1, 100},
                          {DELTAE_PCT_GT2, 100},
                          {DELTAE_PCT_GT3, 100},
                          {DELTAE_PCT_GT5, 50},
                          {DITHER_RATIO_MEAN, 0},
                          {FLAT_REGION_COUNT, 0},
                          {TEXT_UI_EDGE_DENSITY, 0.009375},
                          {HAS_TEXT_UI_CONTENT, 0},
                          {COMPOSITE_QUALITY, 0.931326377851}});
}

TEST_CASE("G2-P: a ramp, posterised") {
   const generated_clip a({200, 180}, 5, ramp),
       b({200, 180}, 5, changed(ramp, [](int v, int, int, int) { return v / 12 * 12 + 6; }));
   check(compared(a, b), {{SSIM, 0.971815233429},
                          {MS_SSIM, 0.963335064436, float_cancellation},
                          {PSNR, 0.745219925215},
                          {MSE, 12.2181110382},
                          {FSIM, 0.244895333052},
                          {GMSD, 0.420525312424, float_cancellation},
                          {CHIST, 0.889583983132},
                          {EDGE_SIMILARITY, 1},
                          {TEXTURE_SIMILARITY, 0.971599684230},
                          {SHARPNESS_SIMILARITY, 0.293259379887},
                          {TEMPORAL_CONSISTENCY_PRE, 1},
                          {TEMPORAL_CONSISTENCY_POST, 0.993103468476},
                          {DISPOSAL_ARTIFACTS_PRE, 0.988},
                          {DISPOSAL_ARTIFACTS_POST, 0.985902608772},
                          {FLAT_FLICKER_RATIO, 0},
                          {TEMPORAL_PUMPING_SCORE, 8.36583521e-6, float_cancellation},
                          {QUALITY_OSCILLATION_FREQUENCY, 0.5},
                          {LPIPS_T_MEAN, 0.000179893297},
                          {LPIPS_T_P95, 0.000200886429},
                          {BANDING_SCORE_MEAN, 36.93257189},
                          {BANDING_SCORE_P95, 37.36426306},
                          {BANDING_PATCH_COUNT, 5},
                          {DELTAE_MEAN, 2.26136588},
                          {DELTAE_P95, 2.67947147},
                          {DELTAE_MAX, 2.68588543},
                          {COLOR_PATCH_COUNT, 20},
                          {DELTAE_PCT_GT1, 100},
                          {DELTAE_PCT_GT2, 75},
                          {DELTAE_PCT_GT3, 0},
                          {DITHER_RATIO_MEAN, 0.124281758},
                          {DITHER_RATIO_P95, 0.138920919},
                          {DITHER_QUALITY_SCORE, 12.4281758},
                          {FLAT_REGION_COUNT, 100},
                          {TEXT_UI_EDGE_DENSITY, 0},
                          {COMPOSITE_QUALITY, 0.933189667798}});
}

TEST_CASE("G2-C: a ramp, dithered") {
   const generated_clip a({200, 180}, 5, ramp),
       b({200, 180}, 5,
         changed(ramp, [](int v, int x, int y, int t) { return (v + (x + y + t) % 2 * 6 - 3) / 12 * 12 + 6; }));
   check(compared(a, b), {{SSIM, 0.826671701240},
                          {MS_SSIM, 0.924624409930, float_cancellation},
                          {PSNR, 0.697217830293},
                          {MSE, 21.2327781677},
                          {FSIM, 0.0465466231108},
                          {GMSD, 0.430282992125, float_cancellation},
                          {CHIST, 0.887359324946},
                          {EDGE_SIMILARITY, 1},
                          {TEXTURE_SIMILARITY, 0.819117231386},
                          {SHARPNESS_SIMILARITY, 0.00124925422235},
                          {TEMPORAL_CONSISTENCY_POST, 0.999863879291},
                          {DISPOSAL_ARTIFACTS_PRE, 0.988},
                          {DISPOSAL_ARTIFACTS_POST, 0.935985018785},
                          {FLAT_FLICKER_RATIO, 0.208},
                          {TEMPORAL_PUMPING_SCORE, 0},
                          {LPIPS_T_MEAN, 0.00588429475},
                          {LPIPS_T_P95, 0.00590076877},
                          {BANDING_SCORE_MEAN, 36.17114782},
                          {BANDING_SCORE_P95, 38.19174385},
                          {BANDING_PATCH_COUNT, 5},
                          {DELTAE_MEAN, 2.47011545},
                          {DELTAE_P95, 2.81991177},
                          {DELTAE_MAX, 2.82609153},
                          {DITHER_RATIO_MEAN, 3.95124433},
                          {DITHER_RATIO_P95, 4.95437642},
                          {DITHER_QUALITY_SCORE, 0},
                          {FLAT_REGION_COUNT, 100},
                          {COMPOSITE_QUALITY, 0.937414924557}});
}

TEST_CASE("G3: letters, blurred") {
   const auto gray = [](const auto &level) {
      return [level](int x, int y, int t) {
         return std::array{level(x, y, t), level(x, y, t), level(x, y, t)};
      };
   };
   const auto blurred = [](int x, int y, int t) {
      int sum = 0;
      for (int v = -1; v <= 1; ++v)
         for (int u = -1; u <= 1; ++u)
            sum += glyphs(std::clamp(x + u, 0, 199), std::clamp(y + v, 0, 119), t);
      return sum / 9;
   };
   const generated_clip a({200, 120}, 6, gray(glyphs)), b({200, 120}, 6, gray(blurred));
   check(compared(a, b), {{SSIM, 0.796052174647},
                          {MS_SSIM, 0.866510391842, float_cancellation},
                          {PSNR, 0.337574467322},
                          {MSE, 1334.16031901},
                          {FSIM, 0.634330749512},
                          {GMSD, 0.362981791298, float_cancellation},
                          {CHIST, 0.988809385792},
                          {EDGE_SIMILARITY, 0.535885167464},
                          {TEXTURE_SIMILARITY, 0.981712874276},
                          {SHARPNESS_SIMILARITY, 0.0926216712580},
                          {TEMPORAL_CONSISTENCY_POST, 1},
                          {DISPOSAL_ARTIFACTS_PRE, 0.991529999733},
                          {DISPOSAL_ARTIFACTS_POST, 0.942093864535},
                          {FLAT_FLICKER_RATIO, 0},
                          {TEMPORAL_PUMPING_SCORE, 3.28856605e-9, float_cancellation},
                          {QUALITY_OSCILLATION_FREQUENCY, 0.6},
                          {LPIPS_T_MEAN, 0.149167940},
                          {LPIPS_T_P95, 0.149167952},
                          {TEXT_UI_EDGE_DENSITY, 0.120166667},
                          {HAS_TEXT_UI_CONTENT, 1},
                          {TEXT_UI_COMPONENT_COUNT, 4},
                          {OCR_REGIONS_ANALYZED, 18},
                          {MTF50_RATIO_MEAN, 0.694846145},
                          {MTF50_RATIO_MIN, 0.686937881},
                          {COMPOSITE_QUALITY, 0.9375}});
}

TEST_CASE("what the old package is blind to is blind here too") {
   const generated_clip a({200, 180}, 5, ramp), black({200, 180}, 5, [](int, int, int) {
      return std::array{0, 0, 0};
   });
   check(compared(a, black), {{SSIM, 0.000781, 1e-3},
                              {PSNR, 0.155, 5e-3},
                              {COMPOSITE_QUALITY, 0.9375},
                              {DISPOSAL_ARTIFACTS_POST, 1}});
   const generated_clip backwards({200, 180}, 5, [](int x, int y, int t) { return ramp(x, y, 4 - t); });
   check(compared(a, backwards), {{SSIM, 1}, {MSE, 0}, {COMPOSITE_QUALITY, 0.9375}});
   const generated_clip brighter({200, 180}, 5, changed(ramp, [](int v, int, int, int) { return v + 1; }));
   check(compared(a, brighter), {{SSIM, 0.999940170514}, {PSNR_RAW, 48.13, 1e-4}});
}

TEST_CASE("fewer pictures: groups that pair by number give up") {
   const generated_clip a({200, 180}, 5, ramp),
       b({200, 180}, 3, changed(ramp, [](int v, int, int, int) { return v / 12 * 12 + 6; }));
   check(compared(a, b), {{BANDING_SCORE_MEAN, 0},
                          {DELTAE_MEAN, 0},
                          {DITHER_RATIO_MEAN, 0},
                          {FLAT_REGION_COUNT, 0},
                          {HAS_TEXT_UI_CONTENT, 0},
                          {MTF50_RATIO_MEAN, 1},
                          {COMPRESSED_FRAME_COUNT, 3}});
}

} // namespace
} // namespace giflab::classic
