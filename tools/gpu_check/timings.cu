#include "timings.hpp"

#include "device.hpp"

#include <algorithm>
#include <functional>
#include <giflab_kernels/cuda/byte_error.hpp>
#include <giflab_kernels/cuda/channel_histogram.hpp>
#include <giflab_kernels/cuda/ciede2000.hpp>
#include <giflab_kernels/cuda/gmsd.hpp>
#include <giflab_kernels/cuda/ssim.hpp>

namespace giflab::gpu_check {
namespace {

namespace cuda = kernels::cuda;

class event {
 public:
   event() { check(cudaEventCreate(&event_)); }
   ~event() { cudaEventDestroy(event_); }
   event(const event &) = delete;
   event &operator=(const event &) = delete;
   void record(cudaStream_t stream) { check(cudaEventRecord(event_, stream)); }
   // Seconds from `earlier` to this one, once this one has happened.
   double since(const event &earlier) {
      check(cudaEventSynchronize(event_));
      float milliseconds = 0;
      check(cudaEventElapsedTime(&milliseconds, earlier.event_, event_));
      return milliseconds / 1000.0;
   }

 private:
   cudaEvent_t event_ = nullptr;
};

class stream {
 public:
   stream() { check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking)); }
   ~stream() { cudaStreamDestroy(stream_); }
   stream(const stream &) = delete;
   stream &operator=(const stream &) = delete;
   cudaStream_t get() const { return stream_; }

 private:
   cudaStream_t stream_ = nullptr;
};

// Seconds of one run: the median of rounds of many runs each, after a warm-up. `run` gets a number that goes
// up, so that it can take other data each time.
double median_seconds(const std::function<void(int, cudaStream_t)> &run) {
   constexpr int rounds = 11;
   const stream on;
   event begin, end;
   int turn = 0;
   const auto seconds_of = [&](int runs) {
      begin.record(on.get());
      for (int i = 0; i < runs; ++i)
         run(turn++, on.get());
      end.record(on.get());
      return end.since(begin);
   };
   seconds_of(20);
   const double once = seconds_of(20) / 20;
   const int runs = std::clamp(static_cast<int>(0.02 / once), 10, 2000);
   std::vector<double> found;
   for (int i = 0; i < rounds; ++i)
      found.push_back(seconds_of(runs) / runs);
   std::nth_element(found.begin(), found.begin() + rounds / 2, found.end());
   return found[rounds / 2];
}

// ---- Rates

constexpr int chains = 16, links = 4096;

// Independent chains of multiply-adds, so that none waits for another.
__global__ void multiply_and_add(float *results, float factor) {
   float sums[chains];
   for (int i = 0; i < chains; ++i)
      sums[i] = static_cast<float>(threadIdx.x + i);
   for (int link = 0; link < links; ++link)
      for (int i = 0; i < chains; ++i)
         sums[i] = fmaf(sums[i], factor, 1.0f);
   float sum = 0;
   for (int i = 0; i < chains; ++i)
      sum += sums[i];
   results[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

// ---- Batches of pairs, other ones each time, of more bytes together than caches hold.

class planes_in_turn {
 public:
   // Noise in rows of `row_bytes`.
   planes_in_turn(size_t row_bytes, int32_t height, uint32_t pairs) {
      const size_t stride = (row_bytes + 255) / 256 * 256;
      const size_t plane = stride * static_cast<size_t>(height);
      const size_t sets = std::max<size_t>(2, (size_t{256} << 20) / (2 * plane * pairs) + 1);
      std::vector<uint8_t> noise(plane + 4096);
      for (size_t i = 0; i < noise.size(); ++i)
         noise[i] = static_cast<uint8_t>(test::noise(1, static_cast<int64_t>(i)));
      for (size_t set = 0; set < sets; ++set) {
         cuda::pair_list<uint8_t> list = {};
         for (uint32_t pair = 0; pair < pairs; ++pair) {
            list.at[pair].a = upload(noise.data() + (37 * set + pair) % 2048, plane, stride);
            list.at[pair].b = upload(noise.data() + (37 * set + pair + 1) % 4096, plane, stride);
         }
         sets_.push_back(list);
      }
   }
   const cuda::pair_list<uint8_t> &at(int turn) const {
      return sets_[static_cast<size_t>(turn) % sets_.size()];
   }

 private:
   kernels::plane<uint8_t> upload(const uint8_t *from, size_t bytes, size_t stride) {
      auto &memory = memory_.emplace_back(std::make_unique<guarded_memory>(bytes, uint8_t{0}));
      check(cudaMemcpy(memory->data(), from, bytes, cudaMemcpyHostToDevice));
      return {static_cast<const uint8_t *>(memory->data()), stride};
   }
   std::vector<std::unique_ptr<guarded_memory>> memory_;
   std::vector<cuda::pair_list<uint8_t>> sets_;
};

template <class T> class results_on_device {
 public:
   explicit results_on_device(size_t count) : memory_(count * sizeof(T), 0) {}
   T *data() const { return static_cast<T *>(memory_.data()); }

 private:
   guarded_memory memory_;
};

struct batch_shape {
   int32_t width, height;
   uint32_t pairs;
   double pixels() const { return static_cast<double>(width) * height * pairs; }
   size_t row(int channels) const { return static_cast<size_t>(width) * static_cast<size_t>(channels); }
};

timing timed(const char *metric, const batch_shape &shape, double bytes_a_pixel, double operations_a_pixel,
             const std::function<void(int, cudaStream_t)> &run) {
   return {metric,
           shape.width,
           shape.height,
           static_cast<int>(shape.pairs),
           1e6 * median_seconds(run),
           bytes_a_pixel * shape.pixels(),
           operations_a_pixel * shape.pixels()};
}

// Operations a pixel of a pair are those of the cheapest exact formulation: separable windows, four moments,
// each multiply-add counted as two.
timing time_byte_error(const batch_shape &shape) {
   const planes_in_turn rgb(shape.row(3), shape.height, shape.pairs);
   const results_on_device<kernels::byte_error> slots(cuda::byte_error_tiles(shape.row(3), shape.height) *
                                                      shape.pairs);
   return timed("mse, psnr of RGB", shape, 6, 9, [&](int turn, cudaStream_t on) {
      cuda::add_byte_error(rgb.at(turn), shape.pairs, shape.row(3), shape.height, slots.data(), on);
   });
}

timing time_histogram(const batch_shape &shape) {
   const planes_in_turn rgb(shape.row(3), shape.height, shape.pairs);
   const results_on_device<cuda::pair_histograms> histograms(shape.pairs);
   return timed("histograms of RGB", shape, 6, 6, [&](int turn, cudaStream_t on) {
      cuda::count_channels(rgb.at(turn), shape.pairs, shape.width, shape.height, histograms.data(), on);
   });
}

timing time_ciede2000(const batch_shape &shape) {
   const planes_in_turn rgb(shape.row(3), shape.height, shape.pairs);
   const results_on_device<std::byte> work(cuda::ciede2000_work_bytes(shape.pairs, shape.width, shape.height));
   const results_on_device<cuda::colour_difference> results(shape.pairs);
   return timed("ciede2000 of RGB", shape, 6, 424, [&](int turn, cudaStream_t on) {
      cuda::enqueue_ciede2000(rgb.at(turn), shape.pairs, shape.width, shape.height, work.data(), results.data(),
                              on);
   });
}

timing time_gmsd(const batch_shape &shape) {
   const planes_in_turn luma(shape.row(1), shape.height, shape.pairs);
   const results_on_device<kernels::gmsd_sums> slots(cuda::gmsd_tiles(shape.width, shape.height) * shape.pairs);
   return timed("gmsd of luma", shape, 2, 20, [&](int turn, cudaStream_t on) {
      cuda::add_gmsd(luma.at(turn), shape.pairs, shape.width, shape.height, slots.data(), on);
   });
}

timing time_ssim(const batch_shape &shape) {
   const planes_in_turn luma(shape.row(1), shape.height, shape.pairs);
   const cuda::ssim_layout layout(shape.width, shape.height, 1);
   const results_on_device<double> slots(layout.tiles() * shape.pairs);
   return timed("ssim of luma", shape, 2, 212, [&](int turn, cudaStream_t on) {
      cuda::add_ssim(luma.at(turn), shape.pairs, layout, nullptr, slots.data(), on);
   });
}

timing time_ms_ssim(const batch_shape &shape) {
   const planes_in_turn luma(shape.row(1), shape.height, shape.pairs);
   const cuda::ssim_layout layout(shape.width, shape.height, 5);
   const results_on_device<double> slots(layout.tiles() * shape.pairs);
   const results_on_device<uint16_t> halved(2 * layout.samples() * shape.pairs);
   return timed("ms_ssim of luma", shape, 2, 285, [&](int turn, cudaStream_t on) {
      cuda::halve(luma.at(turn), shape.pairs, layout, halved.data(), on);
      cuda::add_ssim(luma.at(turn), shape.pairs, layout, halved.data(), slots.data(), on);
   });
}

} // namespace

machine_rates measure_rates() {
   constexpr size_t bytes = size_t{2} << 30;
   constexpr int blocks = 132 * 64, threads = 256;
   const results_on_device<uint8_t> from(bytes), to(bytes);
   const results_on_device<float> results(blocks * threads);
   const double copy = median_seconds([&](int, cudaStream_t on) {
      check(cudaMemcpyAsync(to.data(), from.data(), bytes, cudaMemcpyDeviceToDevice, on));
   });
   const double sums = median_seconds([&](int, cudaStream_t on) {
      multiply_and_add<<<blocks, threads, 0, on>>>(results.data(), 0.999f);
      check(cudaGetLastError());
   });
   return {2.0 * bytes / copy, 2.0 * chains * links * blocks * threads / sums};
}

std::vector<timing> time_everything() {
   std::vector<timing> rows;
   for (const batch_shape &shape : {batch_shape{1920, 1080, 1},
                                    {1920, 1080, 3},
                                    {1920, 1080, 8},
                                    {3840, 2160, 1},
                                    {3840, 2160, 8},
                                    {500, 500, 8},
                                    {100, 100, 32}}) {
      rows.push_back(time_byte_error(shape));
      rows.push_back(time_histogram(shape));
      rows.push_back(time_ciede2000(shape));
      rows.push_back(time_gmsd(shape));
      rows.push_back(time_ssim(shape));
      if (std::min(shape.width, shape.height) >= kernels::ssim_window << 4)
         rows.push_back(time_ms_ssim(shape));
   }
   std::stable_sort(rows.begin(), rows.end(),
                    [](const timing &a, const timing &b) { return a.metric < b.metric; });
   return rows;
}

} // namespace giflab::gpu_check
