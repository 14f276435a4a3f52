// Whether text can still be read: what Tesseract makes of both pictures.

#include "enlarge.hpp"
#include "recogniser.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <giflab/plugin.hpp>
#include <giflab_kernels/images.hpp>
#include <limits>

namespace {

using namespace giflab::kernels;
using namespace giflab::ocr;

// Words of one picture that a reader would stand by.
using reading = std::vector<word>;

struct ocr {
   recogniser reader;
   double least_confidence;
   int64_t every;

   explicit ocr(const giflab_setup &setup);
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs);

 private:
   reading read(const giflab_call &call, const giflab_image &image);
   const reading &read_again(const giflab_call &call, const giflab_image &image, int side);

   // What was read last on each side: text stands still while other things move.
   struct {
      uint64_t content = 0; // 0: nothing yet
      reading words;
   } last_[2];
};

constexpr giflab_param params[] = {
    giflab::real_parameter("least_confidence", "Words that Tesseract is less sure of are taken for none.", "%",
                           0, 100, 60),
    giflab::integer_parameter("every",
                              "Only each so many-th picture of the original is read; the rest is undefined.",
                              "pictures", 1, 1000, 10),
};

enum { CONFIDENCE_REFERENCE, CONFIDENCE_DISTORTED, CONFIDENCE_CHANGE, WORDS_KEPT };
constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

constexpr giflab_output confidence(const char *id, const char *help) {
   return {.id = id,
           .help = help,
           .unit = "%",
           .lowest = 0,
           .highest = 100,
           .identical = undefined,
           .direction = GIFLAB_HIGHER_IS_BETTER,
           .level = GIFLAB_PER_FRAME,
           .pool = GIFLAB_POOL_MEAN};
}

constexpr giflab_output outputs[] = {
    confidence("ocr_confidence_reference",
               "How sure Tesseract is of the original's words, on average; undefined where it finds none."),
    confidence(
        "ocr_confidence_distorted",
        "How sure Tesseract is of the distorted picture's words, on average; undefined where it finds none."),
    {.id = "ocr_confidence_change",
     .help = "The latter less the former; undefined where one of the pictures has no words.",
     .unit = "%",
     .lowest = -100,
     .highest = 100,
     .identical = 0,
     .direction = GIFLAB_HIGHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "ocr_words_kept",
     .help =
         "Share of the original's words that are read the same at the same place; undefined where it has none.",
     .unit = "%",
     .lowest = 0,
     .highest = 100,
     .identical = 100,
     .direction = GIFLAB_HIGHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

ocr::ocr(const giflab_setup &setup)
    : least_confidence(giflab::parameters(params, setup).real("least_confidence")),
      every(giflab::parameters(params, setup).integer("every")) {}

bool is_word(const word &one, double least_confidence) {
   const auto letters = std::count_if(one.text.begin(), one.text.end(),
                                      [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; });
   return letters >= 2 && one.confidence >= least_confidence; // single signs are found in every texture
}

reading ocr::read(const giflab_call &call, const giflab_image &image) {
   const int times = enlargement(image.width, image.height);
   const int32_t width = image.width * times, height = image.height * times;
   const auto enlarged =
       giflab::scratch<uint8_t>(call, static_cast<size_t>(width) * static_cast<size_t>(height));
   enlarge(plane_of<uint8_t>(image, GIFLAB_LUMA8), image.width, image.height, times, enlarged.data());
   reading words = reader.read(enlarged.data(), width, height, [&] { return call.cancelled(&call); });
   std::erase_if(words, [&](const word &one) { return !is_word(one, least_confidence); });
   return words;
}

const reading &ocr::read_again(const giflab_call &call, const giflab_image &image, int side) {
   auto &last = last_[side];
   if (last.content != image.content || image.content == 0) {
      last.content = 0;
      last.words = read(call, image);
      last.content = image.content;
   }
   return last.words;
}

double mean_confidence(const reading &words) {
   double sum = 0;
   for (const word &one : words)
      sum += one.confidence;
   return words.empty() ? undefined : sum / static_cast<double>(words.size());
}

bool overlap(const word &a, const word &b) {
   return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

double share_kept(const reading &before, const reading &after) {
   const auto kept = std::count_if(before.begin(), before.end(), [&](const word &one) {
      return std::any_of(after.begin(), after.end(),
                         [&](const word &other) { return one.text == other.text && overlap(one, other); });
   });
   return before.empty() ? undefined : 100 * static_cast<double>(kept) / static_cast<double>(before.size());
}

void ocr::measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
   for (uint32_t i = 0; i < pairs.size(); ++i) {
      if (pairs[i].reference->index % every != 0) {
         for (uint32_t output = 0; output < GIFLAB_COUNT(outputs); ++output)
            call.score(&call, i, output, undefined);
         continue;
      }
      const reading &before = read_again(call, *pairs[i].reference, 0);
      const reading &after = pairs[i].reference->content == pairs[i].distorted->content
                                 ? before
                                 : read_again(call, *pairs[i].distorted, 1);
      const double was = mean_confidence(before), is = mean_confidence(after);
      call.score(&call, i, CONFIDENCE_REFERENCE, was);
      call.score(&call, i, CONFIDENCE_DISTORTED, is);
      call.score(&call, i, CONFIDENCE_CHANGE, is - was);
      call.score(&call, i, WORDS_KEPT, share_kept(before, after));
   }
}

giflab_status probe(const giflab_call *call, char *fingerprint, size_t capacity) noexcept {
   return giflab::guarded(call,
                          [&] { std::snprintf(fingerprint, capacity, "%s", recogniser_version().c_str()); });
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.ocr",
    .label = "Legibility",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://doi.org/10.1109/ICDAR.2007.4376991",
    .help = "What Tesseract's library reads in both pictures, in English, and how sure it is.",
    GIFLAB_PARAMS(params),
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_PER_INSTANCE,
    .determinism = GIFLAB_WITHIN_TOLERANCE,
    .cost = GIFLAB_COST_MORE,
    .bytes_per_pixel = 400, // enlarged nine times, and what Tesseract makes of that
    .least_width = 16,
    .least_height = 16,
    .metric = &giflab::frame_metric<ocr>,
    .probe = probe,
    .create = giflab::create<ocr>,
    .destroy = giflab::destroy<ocr>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
