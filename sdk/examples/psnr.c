#include <giflab/plugin.h>
#include <math.h>

// PSNR of luma: the smallest whole plugin, and the tutorial of sdk/README.md.
static uint64_t squared_error_of_row(const giflab_pair *pair, int32_t y) {
   const giflab_plane a = pair->reference->views[GIFLAB_LUMA8]->planes[0];
   const giflab_plane b = pair->distorted->views[GIFLAB_LUMA8]->planes[0];
   const uint8_t     *p = (const uint8_t *)a.data + (size_t)y * a.stride;
   const uint8_t     *q = (const uint8_t *)b.data + (size_t)y * b.stride;
   uint64_t           sum = 0;
   for (int32_t x = 0; x < pair->distorted->width; ++x)
      sum += (uint64_t)((p[x] - q[x]) * (p[x] - q[x]));
   return sum;
}

static giflab_status measure(void *instance, const giflab_call *call, const giflab_pair *pairs,
                             uint32_t count) {
   (void)instance;
   for (uint32_t i = 0; i < count; ++i) {
      const int32_t width = pairs[i].distorted->width, height = pairs[i].distorted->height;
      uint64_t      sum = 0;
      for (int32_t y = 0; y < height; ++y) {
         if (call->cancelled(call))
            return GIFLAB_CANCELLED;
         sum += squared_error_of_row(&pairs[i], y);
      }
      const double mse = (double)sum / ((double)width * height);
      call->score(call, i, 0, sum ? 10 * log10(255.0 * 255.0 / mse) : INFINITY);
   }
   return GIFLAB_OK;
}

static giflab_status create(const giflab_call *call, const giflab_setup *setup, void **instance) {
   (void)call, (void)setup, (void)instance;
   return GIFLAB_OK;
}
static void destroy(void *instance) { (void)instance; }

static const giflab_output outputs[] = {{
   .id = "psnr_y", .help = "Peak signal-to-noise ratio of luma.", .unit = "dB",
   .lowest = 0, .highest = INFINITY, .identical = INFINITY,
   .direction = GIFLAB_HIGHER_IS_BETTER, .level = GIFLAB_PER_FRAME, .pool = GIFLAB_POOL_DECIBEL_MEAN,
}};
static const giflab_metric metric = {.measure = measure};
static const giflab_plugin psnr = {
   .size = sizeof(giflab_plugin), .id = "org.example.psnr", .label = "PSNR", .version = "1",
   .vendor = "example", .license = "MIT", .help = "Mean squared error of luma, in decibels.",
   GIFLAB_OUTPUTS(outputs),
   .inputs = GIFLAB_BIT(GIFLAB_LUMA8), .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
   .scope = GIFLAB_SCOPE_FRAME, .threads = GIFLAB_REENTRANT, .determinism = GIFLAB_EXACT,
   .cost = GIFLAB_COST_10NS, .least_width = 1, .least_height = 1,
   .metric = &metric, .create = create, .destroy = destroy,
};
static const giflab_plugin *const plugins[] = {&psnr};
GIFLAB_MODULE(plugins, "example");
