// Values of independent implementations. The numbers were made with numpy from the definitions alone, on the
// pictures of natural_pair(): correlations written out as sums over shifted arrays, textbook formulas, no code
// shared with the kernels.
//
// mse, rmse, mae, psnr: over RGB. psnr_y, ssim, ms_ssim, gmsd: over luma, floor(0.299 R + 0.587 G + 0.114 B +
// 0.5). ssim: 11x11 Gaussian of sigma 1.5, population covariance, valid windows. ms_ssim: five scales, 2x2
// means. gmsd: Prewitt / 3 on the halved picture, zeros beyond edges, c = 170, population standard deviation.
// ciede2000: L*a*b* with the matrix and white of scikit-image; p95 is numpy.percentile(..., 95).
// histogram_correlation: numpy.corrcoef of 32 bins, mean of three channels.

#include "fake_host.hpp"

#include <doctest/doctest.h>

namespace giflab::test {
namespace {

struct known_values {
   size area;
   values expected;
};

const known_values known[] = {
    {{31, 33},
     {{"mse", 25.584229390681},
      {"rmse", 5.05808554600266},
      {"mae", 3.67807103290974},
      {"psnr", 34.0510802052187},
      {"psnr_y", 37.4114079394779},
      {"ssim", 0.917752403615405},
      {"gmsd", 0.0117574061628359},
      {"ciede2000", 3.98209051979159},
      {"ciede2000_p95", 10.1984965493347},
      {"ciede2000_max", 15.0659310853732},
      {"ciede2000_over_1", 67.9374389051808},
      {"ciede2000_over_2", 64.1251221896383},
      {"ciede2000_over_3", 56.0117302052786},
      {"ciede2000_over_5", 37.2434017595308},
      {"histogram_correlation", 0.966681999298632}}},
    {{61, 47},
     {{"mse", 25.2890361585862},
      {"rmse", 5.02882055342863},
      {"mae", 3.64504127427043},
      {"psnr", 34.1014808348018},
      {"psnr_y", 37.4960549482687},
      {"ssim", 0.931782167627598},
      {"gmsd", 0.0115955642289763},
      {"ciede2000", 3.82076562162715},
      {"ciede2000_p95", 10.0043285782038},
      {"ciede2000_max", 15.1927461692284},
      {"ciede2000_over_1", 67.3526334147192},
      {"ciede2000_over_2", 63.7251482385769},
      {"ciede2000_over_3", 54.0983606557377},
      {"ciede2000_over_5", 34.7401464945937},
      {"histogram_correlation", 0.962053273153416}}},
    {{203, 181},
     {{"mse", 22.2820129004164},
      {"rmse", 4.72038270698642},
      {"mae", 3.22695479411044},
      {"psnr", 34.6512593953425},
      {"psnr_y", 37.8819262669667},
      {"ssim", 0.929440390040705},
      {"ms_ssim", 0.993367102047825},
      {"gmsd", 0.0143328792066753},
      {"ciede2000", 3.23787677907142},
      {"ciede2000_p95", 8.99384542838399},
      {"ciede2000_max", 14.0134107989331},
      {"ciede2000_over_1", 63.4079960808862},
      {"ciede2000_over_2", 58.3240345099747},
      {"ciede2000_over_3", 48.0118662058079},
      {"ciede2000_over_5", 27.651525460632},
      {"histogram_correlation", 0.986078251686836}}},
    {{300, 260},
     {{"mse", 18.7874401709402},
      {"rmse", 4.33444808146783},
      {"mae", 2.72837179487179},
      {"psnr", 35.3921275029208},
      {"psnr_y", 38.1959269413764},
      {"ssim", 0.924381990399233},
      {"ms_ssim", 0.98989054096647},
      {"gmsd", 0.0148782099151408},
      {"ciede2000", 2.77545126383512},
      {"ciede2000_p95", 8.05663953208475},
      {"ciede2000_max", 13.275418456659},
      {"ciede2000_over_1", 59.8346153846154},
      {"ciede2000_over_2", 53.3525641025641},
      {"ciede2000_over_3", 42.5141025641026},
      {"ciede2000_over_5", 21.0833333333333},
      {"histogram_correlation", 0.994605317692997}}},
};

const std::pair<const char *, const char *> metrics[] = {
    {"error", "org.giflab.error"},         {"error", "org.giflab.psnr_y"},
    {"ssim", "org.giflab.ssim"},           {"gmsd", "org.giflab.gmsd"},
    {"ciede2000", "org.giflab.ciede2000"}, {"histogram", "org.giflab.histogram"}};

TEST_CASE("metrics give the values of independent implementations at either level") {
   for (const auto &[area, expected] : known) {
      const picture_pair pair = natural_pair(area.width, area.height);
      const fake_image a(pair.reference, 0, 0xAA), b(pair.distorted, 1, 0x55);
      size_t found = 0;
      for (const auto &[module, id] : metrics) {
         const giflab_plugin &plugin = plugin_of(module, id);
         if (area.width < plugin.least_width || area.height < plugin.least_height)
            continue;
         for (const uint32_t level : {0u, 1u}) {
            const values results = measure(plugin, level, {{&a.image, &b.image}})[0];
            for (const auto &[name, value] : results) {
               INFO(name, " ", area.width, "x", area.height, " level ", level);
               CHECK(value == doctest::Approx(expected.at(name)).epsilon(1e-6).scale(0));
               ++found;
            }
         }
      }
      CHECK(found == 2 * expected.size());
   }
}

} // namespace
} // namespace giflab::test
