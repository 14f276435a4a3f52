// The library that resize.cpp loads, linked against OpenCV's imgproc.

#include "media/resizing_library.hpp"

#include <opencv2/imgproc.hpp>

namespace giflab::media {

namespace {

int opencv_filter(resize_filter filter) {
   switch (filter) {
   case resize_filter::nearest:
      return cv::INTER_NEAREST;
   case resize_filter::bilinear:
      return cv::INTER_LINEAR;
   case resize_filter::bicubic:
      return cv::INTER_CUBIC;
   case resize_filter::area:
      return cv::INTER_AREA;
   case resize_filter::lanczos:
      break;
   }
   return cv::INTER_LANCZOS4;
}

} // namespace

} // namespace giflab::media

using namespace giflab::media;

extern "C" __attribute__((visibility("default"))) std::string
giflab_resize(const float_pixels<const float> &from, const float_pixels<float> &to, resize_filter filter) {
   try {
      static const bool one_thread = (cv::setNumThreads(1), true); // those of a run are the task pool's
      (void)one_thread;
      const cv::Mat source(from.height, from.width, CV_32FC4, const_cast<float *>(from.pixels));
      cv::Mat target(to.height, to.width, CV_32FC4, to.pixels);
      cv::resize(source, target, {to.width, to.height}, 0, 0, opencv_filter(filter));
      return {};
   } catch (const cv::Exception &thrown) {
      return thrown.err.empty() ? "OpenCV gave no reason" : thrown.err;
   }
}
