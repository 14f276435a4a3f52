#include "device/conversion_kernels.hpp"
#include "device/device.hpp"
#include "media/colour_math.hpp"
#include "services/arena.hpp"
#include "services/log.hpp"

#include <cuda_runtime.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <limits>
#include <mutex>
#include <optional>

namespace giflab::device {

namespace {

std::string words_for(const std::string &name, const char *doing, cudaError_t error) {
   return fmt::format("{} failed while {}: {} ({})", name, doing, cudaGetErrorString(error),
                      cudaGetErrorName(error));
}

// What cannot be helped where things are given back: a device that was lost takes nothing, and keeps nothing.
void given_back(cudaError_t) {}

struct stream_closer {
   void operator()(cudaStream_t stream) const { given_back(cudaStreamDestroy(stream)); }
};
using stream_pointer = std::unique_ptr<CUstream_st, stream_closer>;

struct event_closer {
   void operator()(cudaEvent_t event) const { given_back(cudaEventDestroy(event)); }
};
using event_pointer = std::unique_ptr<CUevent_st, event_closer>;

class recorded_moment final : public moment {
 public:
   explicit recorded_moment(event_pointer event) : event_(std::move(event)) {}
   cudaEvent_t event() const { return event_.get(); }

 private:
   event_pointer event_;
};

// Memory of the device, in the order of one stream.
class stream_memory final : public services::memory_source {
 public:
   stream_memory(cudaMemPool_t pool, cudaStream_t stream) : pool_(pool), stream_(stream) {}

   void *allocate(std::size_t bytes) noexcept override {
      void *memory = nullptr;
      if (cudaMallocFromPoolAsync(&memory, bytes, pool_, stream_) == cudaSuccess)
         return memory;
      given_back(cudaGetLastError()); // the caller is told by the null
      return nullptr;
   }
   void release(void *memory) noexcept override { given_back(cudaFreeAsync(memory, stream_)); }
   std::size_t alignment() const noexcept override { return plane_alignment; }

 private:
   cudaMemPool_t pool_;
   cudaStream_t stream_;
};

// Page-locked memory that pictures go up through: filled by whoever comes, while the device still reads the
// slots before. Grown to the largest picture and kept.
class upload_ring {
 public:
   struct slot {
      std::mutex mutex;
      std::byte *memory = nullptr;
      std::size_t size = 0;
      event_pointer done; // with what was last read from it
   };

   ~upload_ring() {
      for (slot &each : slots_)
         given_back(cudaFreeHost(each.memory));
   }

   slot &next() { return slots_[turn_.fetch_add(1, std::memory_order_relaxed) % slots_.size()]; }

   // With the slot's mutex held: waits until the device has read it, and makes it large enough.
   static cudaError_t make_ready(slot &taken, std::size_t bytes) {
      if (!taken.done) {
         cudaEvent_t event = nullptr;
         if (const cudaError_t error = cudaEventCreateWithFlags(&event, cudaEventDisableTiming))
            return error;
         taken.done.reset(event);
      }
      if (const cudaError_t error = cudaEventSynchronize(taken.done.get())) // at once if it was never recorded
         return error;
      if (taken.size >= bytes)
         return cudaSuccess;
      given_back(cudaFreeHost(taken.memory));
      taken.memory = nullptr;
      taken.size = 0;
      void *memory = nullptr;
      if (const cudaError_t error = cudaMallocHost(&memory, bytes))
         return error;
      taken.memory = static_cast<std::byte *>(memory);
      taken.size = bytes;
      return cudaSuccess;
   }

 private:
   std::array<slot, 4> slots_;
   std::atomic<uint32_t> turn_{0};
};

class cuda_device final : public device {
 public:
   explicit cuda_device(int32_t ordinal) : ordinal_(ordinal), name_(fmt::format("cuda:{}", ordinal)) {}
   ~cuda_device() override;

   result<void> start();

   const std::string &name() const override { return name_; }
   result<std::unique_ptr<lane>> open_lane() override;
   void *allocate(std::size_t bytes) noexcept override;
   void release(void *memory) noexcept override;
   result<void> upload(const transfer &rows) override;
   result<void> copy(void *to, const void *from, std::size_t bytes) override;
   result<void> expand(const uint8_t *indices, const media::palette_tables *tables,
                       const wanted_planes &to) override;
   result<void> convert(const uint32_t *rgba, const background_bytes &under, const wanted_planes &to) override;
   result<std::unique_ptr<moment>> mark() override;
   bool lost() const override { return lost_; }

   void enter() { given_back(cudaSetDevice(ordinal_)); } // what is wrong with it the next call says
   void *context() const { return context_; }
   int32_t ordinal() const { return ordinal_; }
   cudaMemPool_t pool() const { return pool_; }
   result<void> checked(cudaError_t error, const char *doing);
   result<stream_pointer> open_stream();

 private:
   result<void> find_context();
   result<void> make_pool();
   result<void> upload_byte_tables();

   int32_t ordinal_;
   std::string name_;
   std::atomic<bool> lost_{false};
   void *context_ = nullptr;
   cudaMemPool_t pool_ = nullptr;
   stream_pointer pictures_; // uploads, conversions, and the memory of pictures
   std::optional<stream_memory> memory_;
   std::optional<upload_ring> ring_;
   byte_tables *tables_ = nullptr;
};

class cuda_lane final : public lane {
 public:
   cuda_lane(cuda_device &owner, stream_pointer stream)
       : owner_(owner), stream_(std::move(stream)), memory_(owner.pool(), stream_.get()),
         arena_(std::numeric_limits<std::size_t>::max(), memory_) {}
   ~cuda_lane() override { owner_.enter(); }

   void *context() const override { return owner_.context(); }
   void *stream() const override { return stream_.get(); }
   int32_t ordinal() const override { return owner_.ordinal(); }

   void *scratch(std::size_t bytes) noexcept override { return arena_.allocate(bytes); }

   void enter() override { owner_.enter(); }

   result<void> wait_for(const moment &reached) override {
      const auto &recorded = static_cast<const recorded_moment &>(reached);
      return owner_.checked(cudaStreamWaitEvent(stream_.get(), recorded.event(), 0), "waiting for a picture");
   }

   result<void> leave() override {
      owner_.enter(); // whatever the plugin left
      auto done = owner_.checked(cudaStreamSynchronize(stream_.get()), "running a kernel");
      arena_.reset();
      return done;
   }

 private:
   cuda_device &owner_;
   stream_pointer stream_;
   stream_memory memory_;
   services::arena arena_;
};

cuda_device::~cuda_device() {
   enter();
   if (memory_ && tables_)
      memory_->release(tables_);
   if (pictures_)
      given_back(cudaStreamSynchronize(pictures_.get()));
   ring_.reset();
   pictures_.reset();
   if (pool_)
      given_back(cudaMemPoolDestroy(pool_));
}

// Turns what CUDA says into words, and finds out whether the device is lost: then an empty question fails too.
result<void> cuda_device::checked(cudaError_t error, const char *doing) {
   if (error == cudaSuccess)
      return {};
   given_back(cudaGetLastError()); // what does not stay is forgotten
   if (pictures_) {
      const cudaError_t after = cudaStreamQuery(pictures_.get());
      if (after != cudaSuccess && after != cudaErrorNotReady && !lost_.exchange(true))
         services::log(services::log_level::warning,
                       fmt::format("{}; it is not used any more", words_for(name_, doing, error)));
      given_back(cudaGetLastError());
   }
   return failed(problem::internal, words_for(name_, doing, error));
}

result<stream_pointer> cuda_device::open_stream() {
   cudaStream_t stream = nullptr;
   // Non-blocking: what a plugin does on the default stream shall not hold the others up.
   if (auto made = checked(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "making a stream"); !made)
      return tl::unexpected(made.error());
   return stream_pointer(stream);
}

// The driver's own handle of the primary context, which the runtimes in plugins' modules share.
result<void> cuda_device::find_context() {
   void *found = nullptr;
   cudaDriverEntryPointQueryResult answer = cudaDriverEntryPointSymbolNotFound;
   constexpr unsigned since = 4000; // CUDA 4.0
   auto asked =
       checked(cudaGetDriverEntryPointByVersion("cuCtxGetCurrent", &found, since, cudaEnableDefault, &answer),
               "asking for the driver");
   if (!asked)
      return asked;
   if (answer != cudaDriverEntryPointSuccess || !found)
      return failed(problem::internal, fmt::format("{}: its driver has no cuCtxGetCurrent", name_));
   auto *current = reinterpret_cast<int (*)(void **)>(found);
   if (const int status = current(&context_); status != 0 || !context_)
      return failed(problem::internal, fmt::format("{}: no context (error {})", name_, status));
   return {};
}

// Of our own, so that what it keeps is nobody else's. Memory stays in it: giving it back would cost the next
// picture as much as the arithmetic done on it.
result<void> cuda_device::make_pool() {
   int supported = 0;
   auto asked = checked(cudaDeviceGetAttribute(&supported, cudaDevAttrMemoryPoolsSupported, ordinal_),
                        "asking for memory pools");
   if (!asked)
      return asked;
   if (!supported)
      return failed(problem::internal, fmt::format("{} has no memory pools", name_));
   cudaMemPoolProps wanted = {};
   wanted.allocType = cudaMemAllocationTypePinned;
   wanted.location.type = cudaMemLocationTypeDevice;
   wanted.location.id = ordinal_;
   uint64_t all = std::numeric_limits<uint64_t>::max();
   return checked(cudaMemPoolCreate(&pool_, &wanted), "making a memory pool").and_then([&] {
      return checked(cudaMemPoolSetAttribute(pool_, cudaMemPoolAttrReleaseThreshold, &all),
                     "making a memory pool");
   });
}

result<void> cuda_device::upload_byte_tables() {
   byte_tables here;
   std::ranges::copy(media::scaled_values(), here.scaled);
   std::ranges::copy(media::linear_values(), here.linear);
   std::ranges::copy(media::exact_linear_values(), here.exact_linear);
   tables_ = static_cast<byte_tables *>(memory_->allocate(sizeof here));
   if (!tables_)
      return failed(problem::internal, fmt::format("{} has no memory left", name_));
   return upload({tables_, sizeof here, &here, sizeof here, sizeof here, 1, true});
}

result<void> cuda_device::start() {
   if (auto opened = checked(cudaSetDevice(ordinal_), "opening it"); !opened)
      return opened;
   if (auto found = find_context(); !found)
      return found;
   if (auto made = make_pool(); !made)
      return made;
   auto stream = open_stream();
   if (!stream)
      return tl::unexpected(stream.error());
   pictures_ = std::move(*stream);
   memory_.emplace(pool_, pictures_.get());
   ring_.emplace();
   return upload_byte_tables();
}

result<std::unique_ptr<lane>> cuda_device::open_lane() {
   enter();
   auto stream = open_stream();
   if (!stream)
      return tl::unexpected(stream.error());
   return std::make_unique<cuda_lane>(*this, std::move(*stream));
}

void *cuda_device::allocate(std::size_t bytes) noexcept {
   enter();
   return memory_->allocate(bytes);
}

void cuda_device::release(void *memory) noexcept {
   enter();
   memory_->release(memory);
}

result<void> cuda_device::upload(const transfer &rows) {
   constexpr const char *doing = "sending a picture";
   enter();
   const std::size_t stride = rows.spills ? rows.to_stride : rows.row_bytes;
   const std::size_t bytes = stride * (rows.rows - 1) + rows.row_bytes;
   upload_ring::slot &slot = ring_->next();
   std::lock_guard lock(slot.mutex);
   if (auto ready = checked(upload_ring::make_ready(slot, bytes), doing); !ready)
      return ready;
   for (std::size_t y = 0; y < rows.rows; ++y)
      std::memcpy(slot.memory + y * stride, static_cast<const std::byte *>(rows.from) + y * rows.from_stride,
                  rows.row_bytes);
   const cudaError_t error =
       rows.spills ? cudaMemcpyAsync(rows.to, slot.memory, bytes, cudaMemcpyHostToDevice, pictures_.get())
                   : cudaMemcpy2DAsync(rows.to, rows.to_stride, slot.memory, stride, rows.row_bytes, rows.rows,
                                       cudaMemcpyHostToDevice, pictures_.get());
   return checked(error, doing).and_then([&] {
      return checked(cudaEventRecord(slot.done.get(), pictures_.get()), doing);
   });
}

result<void> cuda_device::copy(void *to, const void *from, std::size_t bytes) {
   enter();
   return checked(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, pictures_.get()),
                  "copying a picture");
}

result<void> cuda_device::expand(const uint8_t *indices, const media::palette_tables *tables,
                                 const wanted_planes &to) {
   enter();
   return checked(static_cast<cudaError_t>(launch_expand(pictures_.get(), indices, tables, to)),
                  "converting a picture");
}

result<void> cuda_device::convert(const uint32_t *rgba, const background_bytes &under,
                                  const wanted_planes &to) {
   enter();
   return checked(static_cast<cudaError_t>(launch_convert(pictures_.get(), rgba, tables_, under, to)),
                  "converting a picture");
}

result<std::unique_ptr<moment>> cuda_device::mark() {
   enter();
   cudaEvent_t event = nullptr;
   if (auto made = checked(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "making an event"); !made)
      return tl::unexpected(made.error());
   event_pointer owned(event);
   if (auto recorded = checked(cudaEventRecord(event, pictures_.get()), "recording an event"); !recorded)
      return tl::unexpected(recorded.error());
   return std::make_unique<recorded_moment>(std::move(owned));
}

} // namespace

bool built_with_cuda() { return true; }

result<std::unique_ptr<device>> open(int32_t ordinal) {
   auto made = std::make_unique<cuda_device>(ordinal);
   if (auto started = made->start(); !started)
      return tl::unexpected(started.error());
   return made;
}

} // namespace giflab::device
