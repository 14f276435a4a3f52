#include "score.hpp"

#include <cmath>

namespace giflab::plugins {

namespace {

using namespace kernels;

constexpr int terms = 6; // of a plane at a scale: the means of ssim, artifact, detail; then the 4-norms

// For planes X, Y, B; within a plane scale 0 to 5; within a scale its terms. The numbers are the author's,
// trained on people's judgements.
constexpr double weights[ssimulacra2_planes * ssimulacra2_scales * terms] = {
    // clang-format off
    0, 0.0007376606707406586, 0, 0, 0.0007793481682867309, 0,
    0, 0.0004371155730107379, 0, 1.1041726426657346, 0.00066284834129271, 0.00015231632783718752,
    0, 0.0016406437456599754, 0, 1.8422455520539298, 11.441172603757666, 0,
    0.0007989109436015163, 0.000176816438078653, 0, 1.8787594979546387, 10.94906990605142, 0,
    0.0007289346991508072, 0.9677937080626833, 0,
        0.00014003424285435884, 0.9981766977854967, 0.00031949755934435053,
    0.0004550992113792063, 0, 0, 0.0013648766163243398, 0, 0,
    0, 0, 0, 7.466890328078848, 0, 17.445833984131262,
    0.0006235601634041466, 0, 0, 6.683678146179332, 0.00037724407979611296, 1.027889937768264,
    225.20515300849274, 0, 0, 19.213238186143016, 0.0011401524586618361, 0.001237755635509985,
    176.39317598450694, 0, 0, 24.43300999870476, 0.28520802612117757, 0.0004485436923833408,
    0, 0, 0, 34.77906344483772, 44.835625328877896, 0,
    0, 0, 0, 0, 0, 0,
    0, 0.0008680556573291698, 0, 0, 0, 0,
    0, 0.0005313191874358747, 0, 0.00016533814161379112, 0, 0,
    0, 0, 0, 0.0004179171803251336, 0.0017290828234722833, 0,
    0.0020827005846636437, 0, 0, 8.826982764996862, 23.19243343998926, 0,
    95.1080498811086, 0.9863978034400682, 0.9834382792465353,
        0.0012286405048278493, 171.2667255897307, 0.9807858872435379,
    0, 0, 0, 0.0005130064588990679, 0, 0.00010854057858411537,
    // clang-format on
};

// The weights of a plane at a scale. The author's program walks the table without gaps, so that fewer scales
// move planes Y and B to weights meant for others; scores of small pictures agree with it only this way.
const double *weights_of(int plane, int scale, int scales) {
   return weights + terms * (plane * scales + scale);
}

ssimulacra2_maps wanted_for(const double *weight) {
   if (weight[0] != 0 || weight[3] != 0)
      return ssimulacra2_maps::all;
   for (int i = 0; i < terms; ++i)
      if (weight[i] != 0)
         return ssimulacra2_maps::edges;
   return ssimulacra2_maps::none;
}

double weighted(const ssimulacra2_sums &sums, double pixels, const double *weight) {
   const auto norm = [&](double sum) { return std::sqrt(std::sqrt(sum / pixels)); };
   return weight[0] * (sums.ssim[0] / pixels) + weight[1] * (sums.artifact[0] / pixels) +
          weight[2] * (sums.detail[0] / pixels) + weight[3] * norm(sums.ssim[1]) +
          weight[4] * norm(sums.artifact[1]) + weight[5] * norm(sums.detail[1]);
}

// The author's curve: about 90 where people see no difference, below 0 where the picture is wrecked.
double score_of(double distance) {
   distance *= 0.9562382616834844;
   distance = 2.326765642916932 * distance - 0.020884521182843837 * distance * distance +
              6.248496625763138e-05 * distance * distance * distance;
   return distance > 0 ? 100 - 10 * std::pow(distance, 0.6276336467831387) : 100;
}

} // namespace

ssimulacra2_wanted weighted_maps(int scales) {
   ssimulacra2_wanted wanted = {};
   for (int scale = 0; scale < scales; ++scale)
      for (int plane = 0; plane < ssimulacra2_planes; ++plane)
         wanted[static_cast<size_t>(scale)][static_cast<size_t>(plane)] =
             wanted_for(weights_of(plane, scale, scales));
   return wanted;
}

double ssimulacra2_score(const ssimulacra2_result &sums, int32_t width, int32_t height) {
   const int scales = ssimulacra2_scale_count(width, height);
   double distance = 0;
   for (int scale = 0; scale < scales; ++scale) {
      const double pixels = static_cast<double>(width) * height;
      for (int plane = 0; plane < ssimulacra2_planes; ++plane)
         distance += weighted(sums[static_cast<size_t>(scale)][static_cast<size_t>(plane)], pixels,
                              weights_of(plane, scale, scales));
      width = width / 2 + width % 2;
      height = height / 2 + height % 2;
   }
   return score_of(distance);
}

} // namespace giflab::plugins
