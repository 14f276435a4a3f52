#include "media/byte_source.hpp"
#include "media/difference.hpp"
#include "media/natural_order.hpp"
#include "media/still.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

namespace giflab::media {

namespace {

namespace fs = std::filesystem;

bool is_picture_name(const fs::path &path) {
   std::string ending = path.extension().string();
   std::transform(ending.begin(), ending.end(), ending.begin(),
                  [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
   constexpr std::array<const char *, 4> endings{".png", ".jpg", ".jpeg", ".webp"};
   return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

result<std::vector<std::string>> pictures_in(const std::string &folder) {
   std::error_code trouble;
   std::vector<std::string> names;
   for (fs::directory_iterator at(folder, trouble), end; !trouble && at != end; at.increment(trouble))
      if (is_picture_name(at->path()))
         names.push_back(at->path().filename().string());
   if (trouble)
      return failed(problem::input, fmt::format("{}: this folder cannot be listed: {}; check its permissions",
                                                folder, trouble.message()));
   if (names.empty())
      return failed(
          problem::input,
          fmt::format("{}: this folder holds no .png, .jpg, .jpeg or .webp file; name a folder with a "
                      "sequence of pictures, or one file",
                      folder));
   std::sort(names.begin(), names.end(), natural_less);
   return names;
}

class sequence_reader final : public reader {
 public:
   sequence_reader(const std::string &folder, std::vector<std::string> names, const reading_options &options,
                   services::block_pool &pool)
       : names_(std::move(names)), options_(options), pool_(&pool) {
      facts_.path = folder;
   }

   result<void> open();
   result<picture_pointer> next() override;
   result<void> rewind() override {
      index_ = 0;
      return {};
   }
   const file_facts &facts() const override { return facts_; }

 private:
   struct loaded {
      std::shared_ptr<picture> shown;
      int64_t bytes = 0;
      file_format format = file_format::unknown;
   };
   result<loaded> load(std::size_t index) const;
   void note(const picture &shown, int64_t bytes);

   std::vector<std::string> names_;
   reading_options options_;
   services::block_pool *pool_;
   file_facts facts_;
   std::size_t index_ = 0;
   picture_pointer before_; // to find what changed
};

result<sequence_reader::loaded> sequence_reader::load(std::size_t index) const {
   const std::string path = (fs::path(facts_.path) / names_[index]).string();
   auto file = byte_source::opened(path, options_.limits.max_bytes);
   if (!file)
      return tl::unexpected(file.error());
   const std::vector<uint8_t> bytes = file->all();
   auto shown = decode_still(path, bytes, options_.limits, *pool_);
   if (!shown)
      return tl::unexpected(shown.error());
   if (facts_.width != 0 && ((*shown)->width != facts_.width || (*shown)->height != facts_.height))
      return failed(problem::input,
                    fmt::format("{}: is {}x{}, but the first picture of its folder is {}x{}; make all of one "
                                "size",
                                path, (*shown)->width, (*shown)->height, facts_.width, facts_.height));
   return loaded{std::move(*shown), static_cast<int64_t>(bytes.size()), format_of(bytes)};
}

result<void> sequence_reader::open() {
   if (static_cast<int64_t>(names_.size()) > options_.limits.max_frames)
      return failed(problem::input, fmt::format("{}: holds {} pictures, over the limit of {}; raise it with "
                                                "--max-frames",
                                                facts_.path, names_.size(), options_.limits.max_frames));
   const auto first = load(0);
   if (!first)
      return tl::unexpected(first.error());
   facts_.width = first->shown->width;
   facts_.height = first->shown->height;
   facts_.format = fmt::format("{} sequence", name_of(first->format));
   std::error_code unknown; // a file that cannot be asked now fails when its turn comes
   for (const std::string &name : names_)
      if (const auto size = fs::file_size(fs::path(facts_.path) / name, unknown); !unknown)
         facts_.bytes += static_cast<int64_t>(size);
   return {};
}

result<picture_pointer> sequence_reader::next() {
   if (index_ == names_.size()) {
      before_.reset();
      return picture_pointer{};
   }
   auto got = load(index_);
   if (!got)
      return tl::unexpected(got.error());
   picture &shown = *got->shown;
   shown.index = static_cast<int64_t>(index_);
   shown.duration_us = names_.size() == 1 ? 0 : options_.sequence_delay_us; // one picture is a still
   shown.start_us = shown.index * shown.duration_us;
   if (index_ > 0)
      shown.changed = changes_between(*before_, shown);
   before_ = got->shown;
   ++index_;
   note(shown, got->bytes);
   return before_;
}

void sequence_reader::note(const picture &shown, int64_t bytes) {
   const rectangle whole{0, 0, shown.width, shown.height};
   facts_.transparency = facts_.transparency || !is_opaque(shown, whole);
   if (static_cast<std::size_t>(shown.index) < facts_.frames.size())
      return; // read before, and rewound
   facts_.frames.push_back({.area = whole, .bytes = bytes});
   facts_.showings.push_back({shown.start_us, shown.duration_us, shown.content});
}

} // namespace

result<std::unique_ptr<reader>> open_sequence(const std::string &folder, const reading_options &options,
                                              services::block_pool &pool) {
   auto names = pictures_in(folder);
   if (!names)
      return tl::unexpected(names.error());
   auto made = std::make_unique<sequence_reader>(folder, std::move(*names), options, pool);
   if (auto opened = made->open(); !opened)
      return tl::unexpected(opened.error());
   return made;
}

} // namespace giflab::media
