// Files of torch.save: both layouts, and what is refused.

#include "model_files/pytorch_file.hpp"

#include "contains.hpp"
#include "torch_writer.hpp"

#include <doctest/doctest.h>

#include <cstring>

using namespace giflab;
using giflab::tests::contains;
using namespace torch_writer;

namespace {

result<std::vector<model_files::tensor>> read(const std::string &file) {
   return model_files::read_pytorch(std::as_bytes(std::span(file)));
}

std::string refusal_of(const std::string &file) {
   const auto found = read(file);
   return found ? "taken" : found.error().text;
}

std::string floats(std::size_t count) {
   std::string bytes(4 * count, '\0');
   for (std::size_t i = 0; i < count; ++i) {
      const auto value = static_cast<float>(i);
      std::memcpy(bytes.data() + 4 * i, &value, 4);
   }
   return bytes;
}

std::vector<float> floats_of(const model_files::tensor &one) {
   std::vector<std::byte> bytes;
   model_files::append_numbers(one, bytes);
   std::vector<float> values(bytes.size() / 4);
   if (!bytes.empty())
      std::memcpy(values.data(), bytes.data(), bytes.size());
   return values;
}

const std::vector<numbers> two = {{"a.weight", {2, 3}, floats(6)}, {"a.bias", {2}, floats(2)}};
using shape = std::vector<uint64_t>;

// A file of one storage with six numbers, and this pickle.
std::string with_pickle(const std::string &of) { return zip_of(pickle(of), {{"", {}, floats(6)}}); }
const std::string six = storage("FloatStorage", "0", 6);
std::string named(const std::string &value) { return "}" + text("x") + value + "s"; }

} // namespace

TEST_CASE("both layouts give the tensors in their order") {
   for (const std::string &file : {zip_file(two), legacy_file(two)}) {
      const auto found = read(file);
      REQUIRE_MESSAGE(found, (found ? "" : found.error().text));
      REQUIRE(found->size() == 2);
      CHECK((*found)[0].name == "a.weight");
      CHECK((*found)[0].shape == shape{2, 3});
      CHECK((*found)[0].type->name == "F32");
      CHECK(floats_of((*found)[0]) == std::vector<float>{0, 1, 2, 3, 4, 5});
      CHECK((*found)[1].name == "a.bias");
      CHECK(floats_of((*found)[1]) == std::vector<float>{0, 1});
   }
}

TEST_CASE("views of a storage are gathered: an offset, a transposition, a shared storage") {
   const std::string file = with_pickle("}(" + text("t") + tensor(six, 0, shape{3, 2}, shape{1, 3}) +
                                        text("tail") + tensor(six, 4, shape{2}, shape{1}) + text("none") +
                                        tensor(six, 6, shape{0, 5}, shape{5, 1}) + text("one") +
                                        tensor(six, 5, shape{}, shape{}) + "u");
   const auto found = read(file);
   REQUIRE_MESSAGE(found, (found ? "" : found.error().text));
   CHECK(floats_of((*found)[0]) == std::vector<float>{0, 3, 1, 4, 2, 5});
   CHECK(floats_of((*found)[1]) == std::vector<float>{4, 5});
   CHECK(floats_of((*found)[2]).empty());
   CHECK(floats_of((*found)[3]) == std::vector<float>{5});
}

TEST_CASE("what older releases wrote is read: rebuilt parameters, plain tensors, Python 2's dictionaries") {
   const std::string old = name("torch._utils", "_rebuild_tensor") + "(" + six + integer(0) +
                           integers(shape{6}) + integers(shape{1}) + "tR";
   const std::string parameter = name("torch._utils", "_rebuild_parameter") + "(" + old + "\x88" +
                                 name("collections", "OrderedDict") + ")RtR";
   const std::string pairs =
       name("collections", "OrderedDict") + "](](" + std::string("U\x01") + "x" + parameter + "ee\x85R";
   const std::string file = with_pickle(pairs);
   const auto found = read(file);
   REQUIRE_MESSAGE(found, (found ? "" : found.error().text));
   REQUIRE(found->size() == 1);
   CHECK((*found)[0].name == "x");
   CHECK(floats_of((*found)[0]).size() == 6);
}

TEST_CASE("a pickle that would run code, or holds more than tensors, is refused by name") {
   const auto calling = [](const std::string &module, const std::string &what) {
      return name(module, what) + "(" + text("rm -rf /") + "tR";
   };
   const std::pair<std::string, const char *> cases[] = {
       {calling("os", "system"), "names \"os.system\""},
       {calling("posix", "system"), "names \"posix.system\""},
       {calling("builtins", "eval"), "names \"builtins.eval\""},
       {calling("__builtin__", "eval"), "names \"__builtin__.eval\""},
       {calling("torch", "load"), "names \"torch.load\""},
       {calling("torch._utils", "_rebuild_tensor_v2.__globals__"), "names \"torch._utils._rebuild_tensor_v2."},
       {text("os") + text("system") + "\x93", "0x93 (STACK_GLOBAL)"},
       {"(" + text("x") + "ios\nsystem\n", "0x69 (INST)"},
       {"(" + name("torch", "FloatStorage") + "o", "0x6f (OBJ)"},
       {name("collections", "OrderedDict") + ")\x81", "0x81 (NEWOBJ)"},
       {"\x82\x01", "0x82 (EXT)"},
       {"Ppid\n", "0x50 (PERSID)"},
       {name("torch", "FloatStorage") + ")R", "calls \"torch.FloatStorage\""},
       {text("x") + ")R", "calls what is no function"},
       {named(tensor(six, 0, shape{6}, shape{1}) + "}b"), "sets attributes"},
       {named(text("a text")), "holds a text under \"x\""},
       {named("]"), "holds a list under \"x\""},
       {"]", "it holds a list"},
       {"}K\x01K\x02s", "where the name of a tensor must be"},
       {"}(" + text("x") + tensor(six, 0, shape{1}, shape{1}) + text("x") + tensor(six, 0, shape{1}, shape{1}) +
            "u",
        "two tensors called \"x\""},
       {text("just") + "Q", "no storage of numbers"},
       {named(name("torch._utils", "_rebuild_tensor_v2") + "(" + six + integer(0) + integers(shape{6}) +
              integers(shape{1}) + "\x89N}" + text("conj") + "\x88stR"),
        "conjugated"},
   };
   for (const auto &[of, words] : cases) {
      CAPTURE(words);
      std::vector<numbers> storages; // those that it needs, as the old layout lists them
      if (contains(of, text("storage")))
         storages.push_back({"", {}, floats(6)});
      for (const std::string &file : {with_pickle(of), legacy_of(pickle(of), storages)}) {
         const std::string told = refusal_of(file);
         CHECK_MESSAGE(contains(told, words), told);
      }
   }
}

TEST_CASE("a pickle that is made to take memory or time is refused") {
   std::string marks = pickle(std::string(100'000, '('));
   std::string nested = pickle("]" + [] {
      std::string tuples;
      for (int i = 0; i < 400'000; ++i)
         tuples += "\x85"; // a tuple of a tuple of ...
      return tuples;
   }());
   std::string one_list = name("collections", "OrderedDict") + "q\x01](";
   for (int i = 0; i < 2000; ++i)
      one_list += "NN\x86";
   one_list += "e\x85q\x02";
   for (int i = 0; i < 2000; ++i)
      one_list += "h\x01h\x02R";
   const std::string largest = little(0xFFFFFFFF, 4);
   const std::pair<std::string, const char *> cases[] = {
       {marks, "nested more than 64 deep"},
       {nested, "it holds a tuple"},
       {pickle(std::string(600'000, 'N')), "more than 500000 instructions"},
       {pickle(one_list), "one dictionary after another from one list"},
       {pickle("X" + largest), "a text of 4294967295 bytes"},
       {pickle("T" + largest), "a text of 4294967295 bytes"},
       {pickle("\x8a\xff" + std::string(255, '\1')), "a number of more than 64 bits"},
       {pickle("j" + largest), "remembers what it never noted"},
       {pickle("Nr" + largest + "j" + largest + "a"), "fills what is no list"},
       {pickle("c" + std::string(100'000, 'x')), "a name in it is too long"},
       {pickle("t"), "a mark that it has not set"},
       {pickle("R"), "takes more than it has put down"},
       {pickle("("), "ends with other than one value"},
       {pickle("](K\x01"
               "a"),
        "takes more than it has put down"},
       {"\x80\x04]\x94.", "has protocol 4"},
       {"garbage", "does not begin like one"},
       {"", "it ends early"},
   };
   for (const auto &[of, words] : cases) {
      CAPTURE(words);
      const std::string told = refusal_of(zip_of(of, {}));
      CHECK_MESSAGE(contains(told, words), told);
   }
}

TEST_CASE("tensors stay within their storage") {
   const auto view = [](int64_t offset, const std::vector<int64_t> &extents,
                        const std::vector<int64_t> &strides) {
      return with_pickle(named(tensor(six, offset, extents, strides)));
   };
   constexpr int64_t huge = INT64_MAX;
   const std::pair<std::string, const char *> cases[] = {
       {view(1, {6}, {1}), "reaches out of its storage"},
       {view(0, {2}, {6}), "reaches out of its storage"},
       {view(-1, {1}, {1}), "no number from 0 up"},
       {view(0, {-1}, {1}), "no number from 0 up"},
       {view(5, {2}, {-1}), "no number from 0 up"},
       {view(0, {7}, {0}), "claims more numbers than its storage has"},
       {view(0, {1'000'000'000}, {0}), "claims more numbers"},
       {view(0, {huge, huge, huge}, {0, 0, 0}), "claims more numbers"},
       {view(huge, {1}, {1}), "reaches out of its storage"},
       {view(huge, {2}, {huge}), "reaches out of its storage"},
       {view(huge, {4}, {huge}), "claims more numbers"},
       {view(7, {0}, {1}), "reaches out of its storage"},
       {view(0, {2, 3}, {1}), "without a stride for each"},
       {view(0, std::vector<int64_t>(9, 1), std::vector<int64_t>(9, 1)), "more than 8 dimensions"},
       {with_pickle(named(tensor(storage("FloatStorage", "0", 7), 0, shape{1}, shape{1}))),
        "has 24 bytes instead of 28"},
       {with_pickle(named(tensor(storage("FloatStorage", "0", huge), 0, shape{1}, shape{1}))),
        "too large to be"},
       {with_pickle(named(tensor(storage("FloatStorage", "0", -1), 0, shape{1}, shape{1}))),
        "no storage of numbers"},
       {with_pickle(named(tensor(storage("FloatStorage", "../0", 6), 0, shape{1}, shape{1}))), "no entry"},
       {with_pickle(named(tensor(storage("QInt8Storage", "0", 6), 0, shape{1}, shape{1}))),
        "names \"torch.QInt8Storage\""},
       {with_pickle("}(" + text("x") + tensor(six, 0, shape{1}, shape{1}) + text("y") +
                    tensor(storage("HalfStorage", "0", 6), 0, shape{1}, shape{1}) + "u"),
        "two stories of the storage"},
   };
   for (const auto &[file, words] : cases) {
      CAPTURE(words);
      const std::string told = refusal_of(file);
      CHECK_MESSAGE(contains(told, words), told);
   }
}

TEST_CASE("archives that torch.save does not make are refused") {
   const std::string state = state_pickle(two);
   const entry first{"a/data/0", two[0].bytes}, second{"a/data/1", two[1].bytes};
   std::string wrong_sum = zip_file(two);
   wrong_sum[wrong_sum.find(two[0].bytes) + 4] ^= 1;
   std::string zip64 = zip_file(two);
   zip64.replace(zip64.size() - 12, 2, "\xff\xff"), zip64.replace(zip64.size() - 14, 2, "\xff\xff");
   const std::pair<std::string, const char *> cases[] = {
       {zip({{"a/data.pkl", state, 8}, first, second}), "\"a/data.pkl\", which is compressed"},
       {zip({{"a/data.pkl", state, 0, 1}, first, second}), "which is encrypted"},
       {zip({{"a/data.pkl", state}, first}), "no entry \"a/data/1\""},
       {zip({{"a/data.pkl", state}, {"b/data.pkl", state}, first, second}), "more than one /data.pkl"},
       {zip({{"a/data.pkl", state}, first, first, second}), "is there twice"},
       {zip({first, second}), "no /data.pkl"},
       {zip({{"a/data.pkl", state}, {"a/byteorder", "big"}, first, second}), "another order of bytes"},
       {zip({{"a/data.pkl", state}, first, {"a/data/1", two[0].bytes}}), "has 24 bytes instead of 8"},
       {wrong_sum, "whose checksum is wrong"},
       {zip64, "65,534 entries or 4 GiB"},
       {zip({}), "does not begin like a file of torch.save"},
       {"PK\x03\x04", "has no end"},
       {"", "does not begin like a file of torch.save"},
   };
   for (const auto &[file, words] : cases) {
      CAPTURE(words);
      const std::string told = refusal_of(file);
      CHECK_MESSAGE(contains(told, words), told);
   }
}

TEST_CASE("a file that is cut short is refused at every length, and one with more behind it too") {
   for (const std::string &whole : {zip_file(two), legacy_file(two)}) {
      CHECK(refusal_of(whole) == "taken");
      for (std::size_t size = 0; size < whole.size(); ++size)
         CHECK(refusal_of(whole.substr(0, size)) != "taken");
      CHECK(refusal_of(whole + "x") != "taken");
   }
}
