#include "examples.hpp"
#include "infinite.hpp"

#include <cmath>
#include <fstream>
#include <iterator>

namespace giflab::results {

namespace {

file_summary summary(const std::string &path, int64_t bytes, int64_t frames) {
   file_summary file;
   file.path = path;
   file.format = "GIF89a";
   file.bytes = bytes;
   file.frames = frames;
   file.duration_us = 2'500'000;
   file.width = 480;
   file.height = 130;
   file.loop_count = 0;
   return file;
}

metric_value psnr() {
   metric_value metric;
   metric.id = "psnr";
   metric.value = 38.25;
   metric.direction = direction::higher;
   metric.unit = "dB";
   metric.pooling = "decibel_mean";
   metric.plugin = "org.giflab.error";
   metric.version = "1.0.0";
   metric.device = "cpu";
   metric.frames = 30;
   metric.statistics =
       statistics{38.5, std::nan(""), 30.1, tests::infinite, 31, tests::infinite, 41, 38, 35, 6};
   metric.worst = {{3, 100'000, 30.1}};
   return metric;
}

metric_value skipped_ms_ssim() {
   metric_value metric = psnr();
   metric.id = "ms_ssim";
   metric.status = status::skipped;
   metric.reason = "needs pictures of at least 176x176 pixels; these are 480x130";
   metric.value = 0;
   metric.unit = "1";
   metric.pooling = "mean";
   metric.plugin = "org.giflab.ssim";
   metric.frames = 0;
   metric.statistics.reset();
   metric.worst.clear();
   return metric;
}

} // namespace

comparison readme_comparison() {
   comparison made;
   made.reference = summary("original.gif", 1'234'567, 30);
   made.distorted = summary("compressed.gif", 500'000, 28);
   made.distorted.warnings = {"the file ends inside frame 28"};
   made.alignment.mode = "time";
   made.alignment.pairs = 30;
   made.alignment.duration_us = 2'500'000;
   made.alignment.dropped = 2;
   made.alignment.max_drift_us = 40'500;
   made.metrics = {psnr(), skipped_ms_ssim()};
   made.pairs = {{0, 0, 0, 0, 100'000, {38.5, std::nan("")}}};
   made.background = "#ffffff";
   return made;
}

comparison failed_comparison() {
   comparison made;
   made.reference.path = "original.gif";
   made.distorted.path = "broken.gif";
   made.failure = "broken.gif is not a GIF";
   return made;
}

std::string content_of(const std::string &path) {
   std::ifstream file(path, std::ios::binary);
   return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace giflab::results
