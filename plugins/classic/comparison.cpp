#include "comparison.hpp"

#include "disposal.hpp"
#include "frame_metrics.hpp"
#include "gradient_colour.hpp"
#include "sampling.hpp"
#include "statistics.hpp"
#include "temporal.hpp"
#include "text.hpp"
#include "timing.hpp"

#include <cmath>
#include <limits>

namespace giflab::classic {

namespace {

key at(key first, uint32_t offset) { return static_cast<key>(first + offset); }

// ---- Aligned pictures

void set_spread(key_values &values, key first, const std::vector<double> &list) {
   values[first] = mean(list);
   values[at(first, 1)] = std::sqrt(variance(list));
   values[at(first, 2)] = least(list);
   values[at(first, 3)] = largest(list);
}

void set_positions(key_values &values, key first, const std::vector<double> &list) {
   const std::array three = {list.front(), list[list.size() / 2], list.back()};
   for (uint32_t i = 0; i < 3; ++i)
      values[at(first, i)] = three[i];
   values[at(first, 3)] = variance(three);
}

template <class Take> std::vector<double> listed(const std::vector<frame_values> &frames, Take &&take) {
   std::vector<double> list;
   for (const frame_values &frame : frames)
      list.push_back(take(frame));
   return list;
}

// What the old package stores where a metric throws.
double or_zero(double value) { return std::isnan(value) ? 0 : value; }

void set_frame_metrics(key_values &values, const std::vector<frame_values> &frames) {
   set_spread(values, SSIM, listed(frames, [](auto &f) { return clip01(or_zero(f.ssim)); }));
   set_spread(values, PSNR, listed(frames, [](auto &f) { return clip01(f.decibels / 50); }));
   set_spread(values, MS_SSIM, listed(frames, [](auto &f) { return f.ms_ssim; }));
   values[PSNR_RAW] = mean(listed(frames, [](auto &f) { return f.decibels; }));
   set_positions(values, SSIM_FIRST, listed(frames, [](auto &f) { return or_zero(f.ssim); }));
   constexpr struct {
      key spread, positions;
      double frame_values::*value;
   } others[] = {
       {MSE, MSE_FIRST, &frame_values::mse},
       {RMSE, RMSE_FIRST, &frame_values::rmse},
       {FSIM, FSIM_FIRST, &frame_values::fsim},
       {GMSD, GMSD_FIRST, &frame_values::gmsd},
       {CHIST, CHIST_FIRST, &frame_values::chist},
       {EDGE_SIMILARITY, EDGE_SIMILARITY_FIRST, &frame_values::edge_similarity},
       {TEXTURE_SIMILARITY, TEXTURE_SIMILARITY_FIRST, &frame_values::texture_similarity},
       {SHARPNESS_SIMILARITY, SHARPNESS_SIMILARITY_FIRST, &frame_values::sharpness_similarity},
   };
   for (const auto &metric : others) {
      const auto list = listed(frames, [&](auto &f) { return f.*metric.value; });
      set_spread(values, metric.spread, list);
      set_positions(values, metric.positions, list);
   }
}

// ---- Each list by itself

void set_before_and_after(key_values &values, key first, double before, double after) {
   values[first] = values[at(first, 2)] = values[at(first, 3)] = values[at(first, 5)] = after;
   values[at(first, 1)] = 0;
   values[at(first, 4)] = before;
   values[at(first, 6)] = std::fabs(after - before);
}

// What each list shows without the other one.
struct list_look {
   explicit list_look(const clip &pictures, pulse &beat)
       : shown(pictures), windows(shown, 10, 8, beat), marks(shown) {}

   double cleanness(pulse &beat) const { return marks.cleanness(changes, windows.motion(beat)); }

   clip shown;
   std::vector<double> changes = {};
   flat_window_watch windows;
   disposal_marks marks;
};

// What the old package calls artifacts, which it looks for in no more pictures than the reference has.
struct artifact_look {
   artifact_look(const clip &pictures, pulse &beat) : shown(pictures), windows(shown, 10, 8, beat) {}

   clip shown;
   flat_window_watch windows;
   std::vector<double> lab_changes = {}, qualities = {};
};

void set_temporal(key_values &values, const list_look &before, const list_look &after,
                  const artifact_look &artifacts, pulse &beat) {
   set_before_and_after(values, TEMPORAL_CONSISTENCY, consistency(before.changes), consistency(after.changes));
   set_before_and_after(values, DISPOSAL_ARTIFACTS, before.cleanness(beat), after.cleanness(beat));
   values[FLICKER_EXCESS] = values[FLICKER_FRAME_RATIO] = 0;
   const bool all = artifacts.shown.count() == after.shown.count();
   values[FLAT_FLICKER_RATIO] = (all ? after.windows : artifacts.windows).motion(beat).flicker.flicker_ratio;
   values[LPIPS_T_MEAN] = mean(artifacts.lab_changes);
   values[LPIPS_T_P95] = percentile(artifacts.lab_changes, 95);
   const pumping found = quality_pumping(artifacts.qualities);
   values[TEMPORAL_PUMPING_SCORE] = found.score;
   values[QUALITY_OSCILLATION_FREQUENCY] = found.oscillation;
}

// ---- Pictures of the same number

void set_gradients_and_colours(key_values &values, const gradients_and_colours &look) {
   const banding_values banding = look.banding();
   values[BANDING_SCORE_MEAN] = banding.mean;
   values[BANDING_SCORE_P95] = banding.p95;
   values[BANDING_PATCH_COUNT] = values[GRADIENT_REGION_COUNT] = static_cast<double>(banding.regions);
   const colour_values colours = look.colours();
   values[DELTAE_MEAN] = colours.mean;
   values[DELTAE_P95] = colours.p95;
   values[DELTAE_MAX] = colours.max;
   for (uint32_t i = 0; i < 4; ++i)
      values[at(DELTAE_PCT_GT1, i)] = colours.above[i];
   values[COLOR_PATCH_COUNT] = static_cast<double>(colours.patches);
   const dither_values dither = look.dither();
   values[DITHER_RATIO_MEAN] = dither.mean;
   values[DITHER_RATIO_P95] = dither.p95;
   values[DITHER_QUALITY_SCORE] = dither.score;
   values[FLAT_REGION_COUNT] = static_cast<double>(dither.windows);
}

void set_text(key_values &values, const text_values &text) {
   values[HAS_TEXT_UI_CONTENT] = text.has_text;
   values[TEXT_UI_EDGE_DENSITY] = text.edge_density;
   values[TEXT_UI_COMPONENT_COUNT] = text.components;
   values[OCR_REGIONS_ANALYZED] = text.regions;
   values[MTF50_RATIO_MEAN] = text.ratio_mean;
   values[MTF50_RATIO_MIN] = text.ratio_least;
   values[EDGE_SHARPNESS_SCORE] = text.sharpness;
}

// ---- Facts of files, and marks

void set_timing(const gif_file &a, const gif_file &b, key_values &values) {
   const auto durations = [](const gif_file &file) {
      std::vector<int32_t> list;
      for (const gif_image &image : file.images)
         list.push_back(effective_duration(image.duration_ms, file.images.size()));
      return list;
   };
   const timing_values timing = compare_timing(durations(a), durations(b));
   values[TIMING_GRID_MS] = 10;
   values[GRID_LENGTH] = timing.grid_length;
   values[DURATION_DIFF_MS] = timing.duration_difference_ms;
   values[TIMING_DRIFT_SCORE] = timing.drift_score;
   values[MAX_TIMING_DRIFT_MS] = timing.max_drift_ms;
   values[ALIGNMENT_ACCURACY] = timing.accuracy;
}

// The weights of what the old package finds under the names that it looks for: its other terms stand under
// other names. LPIPS and SSIMULACRA 2 are what it puts in for them where they are missing: 0.5, and 50 cut off
// to 1.
double composite_quality(double consistency_after) {
   constexpr double lpips = 1 - 0.5, ssimulacra2 = 1;
   return clip01(0.625 * consistency_after + 0.125 * lpips + 0.25 * ssimulacra2);
}

double efficiency(double composite, double ratio) {
   return ratio > 0 ? std::sqrt(composite * std::min(std::log(1 + ratio) / std::log(21.0), 1.0)) : 0;
}

clip make_clip(const giflab_call &call, extent size, size_t count) {
   const auto pictures = static_cast<uint32_t>(count);
   return {size, pictures, scratch<uint8_t>(call, clip::bytes(size, pictures))};
}

// All looks at two lists of pictures, in two runs: what the second one does depends on what the first one
// finds.
class comparison {
 public:
   comparison(const clip &a, const clip &b, pulse &beat)
       : a_(a), b_(b), before_(a, beat), after_(b, beat),
         artifacts_(b.first(std::min(a.count(), b.count())), beat),
         // Unequal counts are an error in the old package, and an error is 0 in all of these.
         colours_(a, b, a.count() == b.count() ? a.count() : 0), text_(a, b),
         places_(std::max(a.size().width, a.size().height)) {}

   void run(const giflab_call &call) {
      jobs work;
      text_.plan_first(work);
      errors_of_pairs errors;
      plan_errors(work, a_, b_, errors);
      before_.marks.plan_movement(work);
      after_.marks.plan_movement(work);
      work.run(call);
      call.progress(&call, 0.3);
      pulse beat(call);
      pairs_ = aligned_pictures(a_, b_, errors, beat);
      plan_rest(work);
      work.run(call);
      call.progress(&call, 0.9);
   }

   void set(key_values &values, pulse &beat) const {
      set_frame_metrics(values, frames_);
      set_temporal(values, before_, after_, artifacts_, beat);
      set_gradients_and_colours(values, colours_);
      set_text(values, text_.values());
   }

 private:
   // The longest parts first, so that the last ones end together.
   void plan_rest(jobs &work) {
      before_.marks.plan(work);
      after_.marks.plan(work);
      text_.plan_regions(work);
      frames_.resize(pairs_.size());
      for (size_t i = 0; i < pairs_.size(); ++i)
         work.add([this, i](pulse &beat) { frames_[i] = compare_pictures(a_, b_, pairs_[i], places_, beat); });
      colours_.plan(work);
      plan_lab_changes(work, artifacts_.shown, artifacts_.lab_changes);
      for (list_look *look : {&before_, &after_}) {
         look->windows.plan(work);
         plan_mean_changes(work, look->shown, look->changes);
      }
      if (artifacts_.shown.count() != b_.count())
         artifacts_.windows.plan(work);
      plan_qualities(work, artifacts_.shown, artifacts_.qualities);
   }

   const clip &a_, &b_;
   list_look before_, after_;
   artifact_look artifacts_;
   gradients_and_colours colours_;
   text_look text_;
   diagonal_places places_;
   std::vector<aligned_pair> pairs_;
   std::vector<frame_values> frames_;
};

} // namespace

key_values compare_clips(const giflab_call &call, const clip &a, const clip &b) {
   key_values values;
   values.fill(std::numeric_limits<double>::quiet_NaN());
   pulse beat(call);
   comparison looks(a, b, beat);
   looks.run(call);
   looks.set(values, beat);
   values[FRAME_COUNT] = a.count();
   values[COMPRESSED_FRAME_COUNT] = b.count();
   values[COMPOSITE_QUALITY] = composite_quality(values[TEMPORAL_CONSISTENCY_POST]);
   return values;
}

key_values compare_files(const giflab_call &call, const gif_file &a, const gif_file &b) {
   const extent size{std::min(a.size.width, b.size.width), std::min(a.size.height, b.size.height)};
   const gif_file *files[2] = {&a, &b};
   const std::vector<uint32_t> chosen[2] = {sampled_pictures(a.images.size(), a.size),
                                            sampled_pictures(b.images.size(), b.size)};
   clip clips[2] = {make_clip(call, size, chosen[0].size()), make_clip(call, size, chosen[1].size())};
   jobs work;
   for (size_t side = 0; side < 2; ++side)
      work.add([&, side](pulse &beat) { load_pictures(*files[side], chosen[side], clips[side], beat); });
   work.run(call);
   call.progress(&call, 0.1);
   for (clip &pictures : clips)
      plan_planes(work, pictures);
   work.run(call);
   call.progress(&call, 0.2);
   key_values values = compare_clips(call, clips[0], clips[1]);
   set_timing(a, b, values);
   values[FRAME_COUNT] = static_cast<double>(a.images.size());
   values[COMPRESSED_FRAME_COUNT] = static_cast<double>(b.images.size());
   values[COMPRESSION_RATIO] = static_cast<double>(a.bytes.size()) / static_cast<double>(b.bytes.size());
   values[KILOBYTES] = static_cast<double>(b.bytes.size()) / 1024;
   values[EFFICIENCY] = efficiency(values[COMPOSITE_QUALITY], values[COMPRESSION_RATIO]);
   return values;
}

} // namespace giflab::classic
