#include "model_files/zip_archive.hpp"

#include "config/printable.hpp"
#include "model_files/byte_reader.hpp"

#include <boost/crc.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace giflab::model_files {

namespace {

constexpr uint32_t end_signature = 0x06054b50, directory_signature = 0x02014b50, local_signature = 0x04034b50;
constexpr std::size_t end_bytes = 22, local_bytes = 30, longest_comment = 0xFFFF;
constexpr uint32_t too_large = 0xFFFFFFFF; // what stands where only a zip64 field could tell

[[noreturn]] void refuse_archive(const std::string &what) { throw refusal("its zip archive " + what); }

// Where the record at the end begins: the last place from which its comment reaches to the end of the file.
std::size_t end_of_directory(std::span<const std::byte> file) {
   if (file.size() >= end_bytes)
      for (std::size_t at = file.size() - end_bytes;; --at) {
         byte_reader record(file.subspan(at));
         if (record.number(4) == end_signature) {
            record.skip(16);
            if (record.number(2) == record.left())
               return at;
         }
         if (at == 0 || file.size() - end_bytes - at == longest_comment)
            break;
      }
   refuse_archive("has no end: the file is cut short or damaged");
}

} // namespace

zip_archive::zip_archive(std::span<const std::byte> file) : file_(file) {
   const std::size_t end = end_of_directory(file);
   byte_reader record(file.subspan(end + 4));
   const uint64_t disk = record.number(2), directory_disk = record.number(2), here = record.number(2),
                  count = record.number(2), size = record.number(4), offset = record.number(4);
   if (disk != 0 || directory_disk != 0 || here != count)
      refuse_archive("is in several parts");
   if (count == 0xFFFF || size == too_large || offset == too_large)
      refuse_archive("has more than 65,534 entries or 4 GiB");
   if (offset + size > end)
      refuse_archive("has its directory out of bounds");
   byte_reader directory(file.subspan(offset, size));
   for (uint64_t i = 0; i < count; ++i)
      read_entry(directory);
   if (directory.left() > 0)
      refuse_archive("has more in its directory than it counts");
}

void zip_archive::read_entry(byte_reader &directory) {
   if (directory.number(4) != directory_signature)
      refuse_archive("has a damaged directory");
   directory.skip(4); // versions
   const uint64_t flags = directory.number(2), method = directory.number(2);
   directory.skip(4); // time
   const auto checksum = static_cast<uint32_t>(directory.number(4));
   const uint64_t packed = directory.number(4), size = directory.number(4), name_bytes = directory.number(2),
                  extra_bytes = directory.number(2), comment_bytes = directory.number(2);
   directory.skip(8); // part, attributes
   const uint64_t offset = directory.number(4);
   const std::string name(directory.text(name_bytes));
   directory.skip(extra_bytes + comment_bytes);
   const auto refuse_entry = [&](const char *what) {
      refuse_archive(fmt::format("has the entry {}, which {}", config::in_quotes(name), what));
   };
   if (flags & (1u << 0 | 1u << 6 | 1u << 13))
      refuse_entry("is encrypted");
   if (method != 0)
      refuse_entry("is compressed: torch.save stores everything as it is");
   if (packed == too_large || size == too_large || offset == too_large)
      refuse_entry("lies beyond 4 GiB");
   if (packed != size || offset > file_.size() || file_.size() - offset < local_bytes)
      refuse_entry("is out of bounds");
   byte_reader local(file_.subspan(offset));
   if (local.number(4) != local_signature)
      refuse_entry("is not where the directory says");
   local.skip(22);
   const uint64_t local_name = local.number(2), local_extra = local.number(2);
   if (local_name + local_extra > local.left() || local.text(local_name) != name)
      refuse_entry("is called otherwise where it lies");
   local.skip(local_extra);
   if (size > local.left())
      refuse_entry("is out of bounds");
   if (!entries_.try_emplace(name, place{local.bytes(size), checksum}).second)
      refuse_entry("is there twice");
}

std::span<const std::byte> zip_archive::entry(const std::string &name) const {
   const auto found = entries_.find(name);
   if (found == entries_.end())
      refuse_archive(fmt::format("has no entry {}", config::in_quotes(name)));
   boost::crc_32_type sum;
   sum.process_bytes(found->second.bytes.data(), found->second.bytes.size());
   if (sum.checksum() != found->second.checksum)
      refuse_archive(fmt::format("has the entry {}, whose checksum is wrong: the file is damaged",
                                 config::in_quotes(name)));
   return found->second.bytes;
}

std::string zip_archive::only_one_ending(std::string_view ending) const {
   std::string found;
   for (const auto &[name, where] : entries_)
      if (name.ends_with(ending)) {
         if (!found.empty())
            refuse_archive(fmt::format("has more than one {}", ending));
         found = name;
      }
   if (found.empty())
      refuse_archive(fmt::format("has no {}: no file of torch.save", ending));
   return found;
}

} // namespace giflab::model_files
