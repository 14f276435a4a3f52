#include "validator/watched_sink.hpp"

#include "validator/blame.hpp"
#include "validator/guard_page.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace giflab::validator {

namespace {

constexpr int unpainted = 0xA5;

} // namespace

// One canvas: its last row ends at a page that faults, and so does the page before the first.
class watched_sink::canvas {
 public:
   canvas(const giflab_clip &planned, int64_t start, int64_t duration)
       : start_us(start), duration_us(duration) {
      const std::size_t stride = (static_cast<std::size_t>(planned.width) * 4 + 63) / 64 * 64;
      const std::size_t used = stride * static_cast<std::size_t>(planned.height);
      mapped_ = (used + guard_page - 1) / guard_page * guard_page + 2 * guard_page;
      void *base = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (base == MAP_FAILED)
         throw std::bad_alloc();
      base_ = static_cast<std::byte *>(base);
      std::memset(base_ + guard_page, unpainted, mapped_ - 2 * guard_page);
      mprotect(base_, guard_page, PROT_NONE);
      mprotect(base_ + mapped_ - guard_page, guard_page, PROT_NONE);
      mark_memory(base_, mapped_, fault_place::guard);
      shown = {base_ + mapped_ - guard_page - used, stride, planned.width, planned.height};
   }
   ~canvas() {
      mark_memory(base_, mapped_, fault_place::none);
      munmap(base_, mapped_);
   }
   canvas(const canvas &) = delete;
   canvas &operator=(const canvas &) = delete;

   bool written_before() const {
      const std::byte *begin = base_ + guard_page;
      return std::any_of(begin, static_cast<const std::byte *>(shown.data),
                         [](std::byte one) { return one != std::byte{unpainted}; });
   }

   giflab_canvas shown{};
   int64_t start_us, duration_us;
   bool open = true;

 private:
   std::byte *base_ = nullptr;
   std::size_t mapped_ = 0;
};

struct sink_functions {
   static watched_sink &of(const giflab_sink *sink) {
      return *reinterpret_cast<const watched_sink::sink_table *>(sink)->self;
   }

   static giflab_canvas *open(const giflab_sink *sink, int64_t start_us, int64_t duration_us) noexcept {
      watched_sink &self = of(sink);
      const watched_call::time_of_host uncounted(self.call_);
      self.canvases_.push_back(std::make_unique<watched_sink::canvas>(self.planned_, start_us, duration_us));
      return &self.canvases_.back()->shown;
   }

   static giflab_status put(const giflab_sink *sink, giflab_canvas *given) noexcept {
      watched_sink &self = of(sink);
      const watched_call::time_of_host uncounted(self.call_);
      const auto found = std::find_if(self.canvases_.begin(), self.canvases_.end(),
                                      [&](const auto &one) { return &one->shown == given; });
      if (found == self.canvases_.end() || !(*found)->open) {
         self.host_.note_breach("P01", "put a canvas that is not open");
         return GIFLAB_INVALID;
      }
      watched_sink::canvas &done = **found;
      done.open = false;
      if (done.written_before())
         self.host_.note_breach("P01", "wrote before the first row of a canvas");
      self.add(static_cast<const uint8_t *>(given->data), given->stride, given->width, given->height,
               done.start_us, done.duration_us, false);
      return GIFLAB_OK;
   }

   static giflab_status pass(const giflab_sink *sink, const giflab_image *image, int64_t start_us,
                             int64_t duration_us) noexcept {
      watched_sink &self = of(sink);
      const watched_call::time_of_host uncounted(self.call_);
      const giflab_view *view = image->views[GIFLAB_RGBA8];
      // A filter that did not ask for RGBA8 passes what it has not seen: size and time are what can be
      // compared.
      self.add(view ? static_cast<const uint8_t *>(view->planes[0].data) : nullptr,
               view ? view->planes[0].stride : 0, image->width, image->height, start_us, duration_us, true);
      return GIFLAB_OK;
   }
};

watched_sink::watched_sink(test_host &host, watched_call &call, const giflab_clip &planned,
                           std::vector<emitted_picture> &emitted)
    : shown_{{sink_functions::open, sink_functions::put, sink_functions::pass}, this}, host_(host), call_(call),
      planned_(planned), emitted_(emitted) {}

watched_sink::~watched_sink() = default;

void watched_sink::add(const uint8_t *rows, std::size_t stride, int32_t width, int32_t height, int64_t start_us,
                       int64_t duration_us, bool passed) {
   emitted_picture made{width, height, start_us, duration_us, passed, {}};
   for (int32_t y = 0; rows && y < height; ++y) {
      const uint8_t *row = rows + static_cast<std::size_t>(y) * stride;
      made.pixels.insert(made.pixels.end(), row, row + static_cast<std::size_t>(width) * 4);
   }
   emitted_.push_back(std::move(made));
}

} // namespace giflab::validator
