#pragma once
// A clip as one plugin is shown it, in memory laid out as a check wants it: strides, padding, guard pages.

#include "media/alignment.hpp"
#include "media/index_pairs.hpp"
#include "media/representations.hpp"
#include "validator/test_pictures.hpp"

#include <giflab/plugin.h>

#include <deque>
#include <memory>
#include <span>
#include <vector>

namespace giflab::validator {

struct plane_layout {
   // plain: rows one behind the other. The others put every row between pages that fault: `against_next` ends
   // the row's last 64-byte block at one, `against_previous` begins the row right behind one. Both map the rows
   // read-only.
   enum class guard { plain, against_next, against_previous };
   guard guarded = guard::plain;
   std::size_t extra_stride = 0; // bytes beyond the least stride, a multiple of 64; plain only
   uint8_t padding = 0xA5;       // what stands behind a row's last pixel
   bool index_pairs = true;      // are counted; the distorted picture's alone
};

// Owns everything that the pairs point to. Views exist for what the plugin declared in .inputs alone;
// `previous` is as deep as its lookback.
class laid_out_clip {
 public:
   laid_out_clip(const test_clip &clip, const giflab_plugin &viewer, plane_layout reference = {},
                 plane_layout distorted = {});
   ~laid_out_clip();
   laid_out_clip(const laid_out_clip &) = delete;
   laid_out_clip &operator=(const laid_out_clip &) = delete;

   const giflab_clip &facts() const { return facts_; }
   std::span<const giflab_pair> pairs() const { return pairs_; }

   // For metrics of FILE scope: both sides as files of these paths.
   giflab_comparison comparison(const char *reference_path, const char *distorted_path,
                                uint64_t reference_bytes, uint64_t distorted_bytes);

   // What a plugin wrote over: "" if every byte is as it was made. Plain layouts only.
   std::string overwritten() const;

 private:
   struct plane_memory;
   struct side_image;
   giflab_image *add(const media::picture &shown, const media::representations &forms,
                     const giflab_image *previous, const test_frame &frame, media::changes changed,
                     const plane_layout &layout);

   void show_index_pairs(const media::two_pictures &of, giflab_image &distorted);
   void trim(std::vector<const giflab_image *> &chain, uint32_t lookback);

   giflab_clip facts_{};
   uint32_t inputs_ = 0;
   bool index8_alone_ = false; // what may be left out is
   std::deque<plane_memory> memory_;
   std::deque<side_image> images_;
   std::deque<media::index_pairs> index_pairs_;
   std::vector<giflab_pair> pairs_;
   std::vector<giflab_showing> showings_[2];
   giflab_file files_[2]{};
};

} // namespace giflab::validator
