// Local contrast, lost and added: how much fine detail an encoder wiped out, and how much dither and grain it
// put in. The contrast of a pixel is the standard deviation of luma in the window around it, cut off at the
// picture's edges.
//
// It shows: a parameter, scratch memory, and work split over giflab.tasks/1 with the same bits at any number
// of lanes. Each row's sums are a pure function of the row, and the rows are added up in their order.

#include <giflab/plugin.hpp>

#include <algorithm>
#include <cmath>

namespace {

constexpr giflab_param params[] = {
    giflab::integer_parameter(
        "radius", "Half the window's side: a window is 2 radius + 1 pixels wide and high.", "px", 1, 16, 2),
};

enum { LOST, ADDED };
constexpr giflab_output outputs[] = {
    {.id = "contrast_lost",
     .help =
         "Mean over all pixels of the local contrast that the reference has and the distorted picture lacks.",
     .unit = "levels",
     .lowest = 0,
     .highest = 127.5,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "contrast_added",
     .help =
         "Mean over all pixels of the local contrast that the distorted picture has and the reference lacks.",
     .unit = "levels",
     .lowest = 0,
     .highest = 127.5,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

struct totals {
   double lost, added;
};

// The pixels of one column that stand within the window's height.
struct column {
   uint32_t sum, squares; // at most 33 * 255 and 33 * 255^2
};

// One picture and the columns that slide down over it.
struct side {
   giflab_plane plane;
   std::span<column> columns;

   void add(int32_t y) {
      const auto *luma = giflab::row<uint8_t>(plane, y);
      for (size_t x = 0; x < columns.size(); ++x) {
         columns[x].sum += luma[x];
         columns[x].squares += uint32_t{luma[x]} * luma[x];
      }
   }
   void remove(int32_t y) {
      const auto *luma = giflab::row<uint8_t>(plane, y);
      for (size_t x = 0; x < columns.size(); ++x) {
         columns[x].sum -= luma[x];
         columns[x].squares -= uint32_t{luma[x]} * luma[x];
      }
   }
};

// A window that slides along a row; all in whole numbers, so that its value does not depend on where it began.
struct window {
   uint64_t sum = 0, squares = 0;

   void add(const column &one) { sum += one.sum, squares += one.squares; }
   void remove(const column &one) { sum -= one.sum, squares -= one.squares; }
   double deviation(uint64_t pixels) const {
      return std::sqrt(static_cast<double>(pixels * squares - sum * sum)) / static_cast<double>(pixels);
   }
};

// The comparison of two pictures, cut into bands of rows that may be computed in any order, by anyone. Its
// scratch memory serves one pair after another: all pairs of an instance have the same size.
class comparison {
 public:
   comparison(const giflab_call &call, const giflab_image &shape, int32_t radius)
       : call_(call), width_(shape.width), height_(shape.height), radius_(radius),
         rows_(giflab::scratch<totals>(call, static_cast<size_t>(height_))),
         columns_(giflab::scratch<column>(call, size_t{2} * bands() * static_cast<size_t>(width_))) {}

   uint32_t bands() const { return static_cast<uint32_t>((height_ + rows_per_band - 1) / rows_per_band); }

   void look_at(const giflab_pair &pair) {
      reference_ = giflab::plane(*pair.reference, GIFLAB_LUMA8);
      distorted_ = giflab::plane(*pair.distorted, GIFLAB_LUMA8);
   }

   // What giflab.tasks/1 calls, on any thread.
   static giflab_status run_band(void *self, uint32_t band, uint32_t) noexcept {
      return static_cast<comparison *>(self)->measure_band(band);
   }

   // Means over the picture, once every band is done.
   totals result() const {
      totals sum{0, 0};
      for (const totals &row : rows_)
         sum.lost += row.lost, sum.added += row.added;
      const double pixels = static_cast<double>(width_) * height_;
      return {sum.lost / pixels, sum.added / pixels};
   }

 private:
   static constexpr int32_t rows_per_band = 64;

   giflab_status measure_band(uint32_t band) {
      const auto width = static_cast<size_t>(width_);
      side reference{reference_, columns_.subspan(2 * band * width, width)};
      side distorted{distorted_, columns_.subspan((2 * band + 1) * width, width)};
      std::ranges::fill(reference.columns, column{});
      std::ranges::fill(distorted.columns, column{});
      const int32_t first = static_cast<int32_t>(band) * rows_per_band;
      for (int32_t y = std::max(0, first - radius_); y < std::min(height_, first + radius_); ++y)
         reference.add(y), distorted.add(y);
      for (int32_t y = first; y < std::min(height_, first + rows_per_band); ++y) {
         if (call_.cancelled(&call_))
            return GIFLAB_CANCELLED;
         if (y + radius_ < height_)
            reference.add(y + radius_), distorted.add(y + radius_);
         if (y - radius_ > 0 && y > first)
            reference.remove(y - radius_ - 1), distorted.remove(y - radius_ - 1);
         rows_[static_cast<size_t>(y)] = measure_row(y, reference.columns, distorted.columns);
      }
      return GIFLAB_OK;
   }

   totals measure_row(int32_t y, std::span<const column> reference, std::span<const column> distorted) const {
      const int32_t high = std::min(y + radius_, height_ - 1) - std::max(y - radius_, 0) + 1;
      window a, b;
      for (int32_t x = 0; x < std::min(radius_, width_); ++x)
         a.add(reference[static_cast<size_t>(x)]), b.add(distorted[static_cast<size_t>(x)]);
      totals sum{0, 0};
      for (int32_t x = 0; x < width_; ++x) {
         if (const auto next = static_cast<size_t>(x + radius_); next < reference.size())
            a.add(reference[next]), b.add(distorted[next]);
         if (x > radius_) {
            const auto past = static_cast<size_t>(x - radius_ - 1);
            a.remove(reference[past]), b.remove(distorted[past]);
         }
         const int32_t wide = std::min(x + radius_, width_ - 1) - std::max(x - radius_, 0) + 1;
         const auto pixels = static_cast<uint64_t>(wide) * static_cast<uint64_t>(high);
         const double change = b.deviation(pixels) - a.deviation(pixels);
         (change < 0 ? sum.lost : sum.added) += std::abs(change);
      }
      return sum;
   }

   const giflab_call &call_;
   giflab_plane reference_ = {}, distorted_ = {};
   int32_t width_, height_, radius_;
   std::span<totals> rows_;
   std::span<column> columns_; // two runs of a row's length for each band: reference, distorted
};

class local_contrast {
 public:
   explicit local_contrast(const giflab_setup &setup)
       : radius_(static_cast<int32_t>(giflab::parameters(params, setup).integer("radius"))) {}

   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
      comparison work(call, *pairs[0].distorted, radius_);
      for (uint32_t i = 0; i < pairs.size(); ++i) {
         work.look_at(pairs[i]);
         run(call, work);
         const totals means = work.result();
         call.score(&call, i, LOST, means.lost);
         call.score(&call, i, ADDED, means.added);
      }
   }

 private:
   // Over all lanes where the host has them, else here: the service is optional.
   static void run(const giflab_call &call, comparison &work) {
      const auto *tasks = static_cast<const giflab_tasks *>(call.host->query(call.host, GIFLAB_TASKS));
      giflab_status status = GIFLAB_OK;
      if (tasks)
         status = tasks->run(&call, work.bands(), comparison::run_band, &work);
      else
         for (uint32_t band = 0; band < work.bands() && status == GIFLAB_OK; ++band)
            status = comparison::run_band(&work, band, 0);
      if (status != GIFLAB_OK)
         throw giflab::failure(status, "the rows could not be measured");
   }

   int32_t radius_;
};

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.example.local_contrast",
    .label = "Local contrast",
    .version = "1",
    .vendor = "example",
    .license = "MIT",
    .help = "Fine detail lost, and dither or grain added, as changes of the local standard deviation of luma.",
    GIFLAB_PARAMS(params),
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_100NS,
    .batch = 8,
    // 16 bytes a column for each 64 rows, and 16 bytes a row: less than 2 from 16x16 pixels on.
    .bytes_per_pixel = 2,
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::frame_metric<local_contrast>,
    .create = giflab::create<local_contrast>,
    .destroy = giflab::destroy<local_contrast>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "example");
