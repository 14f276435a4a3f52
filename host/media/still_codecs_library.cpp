// The library of codecs that still_codecs.cpp loads: the only file that is linked against them.

#include <opencv2/imgcodecs.hpp>

extern "C" __attribute__((visibility("default"))) cv::Mat giflab_decode_still(const cv::Mat &bytes, int flags) {
   return cv::imdecode(bytes, flags);
}
