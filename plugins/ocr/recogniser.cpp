#include "recogniser.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <future>
#include <giflab/plugin.hpp>

namespace giflab::ocr {

namespace {

constexpr std::array names = {"libtesseract.so.5", "libtesseract.so.4"};
constexpr const char *how_to_install =
    "Tesseract is not installed: apt install tesseract-ocr (or your system's package)";

constexpr const char *data_file = "eng.traineddata";
constexpr std::array data_folders = {"/usr/share/tesseract-ocr/5/tessdata",
                                     "/usr/share/tesseract-ocr/4.00/tessdata", "/usr/share/tessdata",
                                     "/usr/local/share/tessdata"};

constexpr int sparse_text = 11;  // page segmentation: words anywhere, in no order
constexpr int single_words = 3;  // page iterator level
constexpr int assumed_dpi = 300; // what the network was trained on

using cancel_function = bool (*)(void *asked, int words);

bool ask(void *asked, int) { return *static_cast<const std::atomic<bool> *>(asked); }

constexpr std::chrono::milliseconds between_polls(4);

bool data_is_in_a_usual_place() {
   if (const char *chosen = std::getenv("TESSDATA_PREFIX"))
      return std::filesystem::exists(std::filesystem::path(chosen) / data_file);
   return std::any_of(data_folders.begin(), data_folders.end(), [](const char *folder) {
      return std::filesystem::exists(std::filesystem::path(folder) / data_file);
   });
}

} // namespace

// What of the C API (tesseract/capi.h, the same in 4 and 5) is used; handles are opaque.
struct recogniser::library {
   void *handle;

   const char *(*version)();
   void *(*create)();
   void (*destroy)(void *);
   int (*init)(void *, const char *data, const char *language);
   bool (*set)(void *, const char *name, const char *value);
   void (*set_mode)(void *, int);
   void (*set_image)(void *, const unsigned char *, int width, int height, int bytes_per_pixel,
                     int bytes_per_line);
   void (*set_resolution)(void *, int);
   int (*recognise)(void *, void *monitor);
   void (*clear)(void *);
   void *(*words)(void *);
   void (*end_words)(void *);
   bool (*next)(void *, int level);
   char *(*text)(void *, int level);
   float (*confidence)(void *, int level);
   void *(*place)(void *);
   bool (*box)(void *, int level, int *left, int *top, int *right, int *bottom);
   void (*free_text)(char *);
   void *(*make_monitor)();
   void (*end_monitor)(void *);
   void (*set_cancel)(void *, cancel_function);
   void (*set_asked)(void *, void *);
   void (*set_parallel_levels)(int);

   library();
   template <class Function> void find(Function &function, const char *name) const {
      function = reinterpret_cast<Function>(dlsym(handle, name));
      if (!function)
         throw failure(GIFLAB_UNSUPPORTED, std::string("this Tesseract has no ") + name);
   }
};

recogniser::library::library() : handle(nullptr) {
   for (const char *name : names)
      if (!handle)
         handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
   if (!handle)
      throw failure(GIFLAB_UNSUPPORTED, how_to_install);
   find(version, "TessVersion");
   find(create, "TessBaseAPICreate");
   find(destroy, "TessBaseAPIDelete");
   find(init, "TessBaseAPIInit3");
   find(set, "TessBaseAPISetVariable");
   find(set_mode, "TessBaseAPISetPageSegMode");
   find(set_image, "TessBaseAPISetImage");
   find(set_resolution, "TessBaseAPISetSourceResolution");
   find(recognise, "TessBaseAPIRecognize");
   find(clear, "TessBaseAPIClear");
   find(words, "TessBaseAPIGetIterator");
   find(end_words, "TessResultIteratorDelete");
   find(next, "TessResultIteratorNext");
   find(text, "TessResultIteratorGetUTF8Text");
   find(confidence, "TessResultIteratorConfidence");
   find(place, "TessResultIteratorGetPageIterator");
   find(box, "TessPageIteratorBoundingBox");
   find(free_text, "TessDeleteText");
   find(make_monitor, "TessMonitorCreate");
   find(end_monitor, "TessMonitorDelete");
   find(set_cancel, "TessMonitorSetCancelFunc");
   find(set_asked, "TessMonitorSetCancelThis");
   // Built with OpenMP it would start threads of its own, which would outlive the call.
   set_parallel_levels = reinterpret_cast<void (*)(int)>(dlsym(handle, "omp_set_max_active_levels"));
}

const recogniser::library &recogniser::loaded() {
   static const library shared;
   return shared;
}

std::string recogniser_version() {
   if (!data_is_in_a_usual_place()) // only then, since it takes a tenth of a second where all is there
      recogniser().set_up();
   return std::string("tesseract ") + recogniser::loaded().version();
}

void recogniser::set_up() {
   const library &with = loaded();
   std::unique_ptr<void, void (*)(void *)> made(with.create(), with.destroy);
   with.set(made.get(), "debug_file",
            "/dev/null"); // or standard error hears what it misses, and of every odd line
   if (with.init(made.get(), nullptr, "eng") != 0)
      throw failure(GIFLAB_UNSUPPORTED, "Tesseract has no data for English: apt install tesseract-ocr-eng");
   with.set_mode(made.get(), sparse_text);
   handle_ = made.release();
}

recogniser::~recogniser() {
   if (handle_)
      loaded().destroy(handle_);
}

std::vector<word> recogniser::read(const uint8_t *luma, int32_t width, int32_t height,
                                   const std::function<bool()> &cancelled) {
   std::atomic<bool> stop = false;
   auto words = std::async(std::launch::async, [&] { return read_unasked(luma, width, height, stop); });
   while (words.wait_for(between_polls) != std::future_status::ready)
      if (cancelled())
         stop = true;
   std::vector<word> found = words.get();
   if (stop)
      throw failure(GIFLAB_CANCELLED, {});
   return found;
}

std::vector<word> recogniser::read_unasked(const uint8_t *luma, int32_t width, int32_t height,
                                           std::atomic<bool> &stop) {
   const library &with = loaded();
   if (with.set_parallel_levels)
      with.set_parallel_levels(0); // counts for the calling thread
   if (!handle_)
      set_up();
   const std::unique_ptr<void, void (*)(void *)> monitor(with.make_monitor(), with.end_monitor);
   with.set_cancel(monitor.get(), ask);
   with.set_asked(monitor.get(), &stop);
   with.set_image(handle_, luma, width, height, 1, width);
   with.set_resolution(handle_, assumed_dpi);
   const int refused = with.recognise(handle_, monitor.get());
   if (stop)
      return {};
   if (refused)
      throw failure(GIFLAB_INTERNAL, "Tesseract could not read the picture");
   std::vector<word> found;
   const std::unique_ptr<void, void (*)(void *)> words(with.words(handle_), with.end_words);
   for (bool more = words != nullptr; more; more = with.next(words.get(), single_words)) {
      const std::unique_ptr<char, void (*)(char *)> text(with.text(words.get(), single_words), with.free_text);
      word one = {text ? text.get() : "", with.confidence(words.get(), single_words), 0, 0, 0, 0};
      if (text && with.box(with.place(words.get()), single_words, &one.left, &one.top, &one.right, &one.bottom))
         found.push_back(std::move(one));
   }
   with.clear(handle_);
   return found;
}

} // namespace giflab::ocr
