#include "model_files/unpickler.hpp"

#include "config/printable.hpp"

#include <fmt/format.h>

#include <map>
#include <string_view>

namespace giflab::model_files {

namespace {

constexpr std::size_t most_instructions = 500'000; // a network of a thousand tensors takes 30,000
constexpr std::size_t most_marks = 64;             // open at a time
constexpr std::size_t longest_text = 4096, longest_name = 128;

[[noreturn]] void refuse_pickle(const std::string &what) { throw refusal("its pickle " + what); }

// ---- The names that may be used, and nothing else

constexpr std::string_view ordered_dictionary = "collections.OrderedDict";
constexpr std::string_view rebuild_tensor = "torch._utils._rebuild_tensor", // before PyTorch 0.4
    rebuild_tensor_v2 = "torch._utils._rebuild_tensor_v2",
                           rebuild_parameter = "torch._utils._rebuild_parameter";

const element_type *storage_type(std::string_view name) {
   constexpr std::string_view module = "torch.";
   if (name.starts_with(module))
      for (const element_type &type : element_types())
         if (name.substr(module.size()) == type.torch_storage)
            return &type;
   return nullptr;
}

bool is_allowed(std::string_view name) {
   return name == ordered_dictionary || name == rebuild_tensor || name == rebuild_tensor_v2 ||
          name == rebuild_parameter || storage_type(name);
}

// ---- The instructions

enum opcode : uint8_t {
   mark = '(',
   stop = '.',
   binfloat = 'G',
   binint = 'J',
   binint1 = 'K',
   binint2 = 'M',
   none = 'N',
   binpersid = 'Q',
   reduce = 'R',
   binstring = 'T',
   short_binstring = 'U',
   binunicode = 'X',
   append = 'a',
   build = 'b',
   global = 'c',
   appends = 'e',
   binget = 'h',
   long_binget = 'j',
   binput = 'q',
   long_binput = 'r',
   setitem = 's',
   tuple = 't',
   setitems = 'u',
   empty_dict = '}',
   empty_list = ']',
   empty_tuple = ')',
   proto = 0x80,
   tuple1 = 0x85,
   tuple2 = 0x86,
   tuple3 = 0x87,
   newtrue = 0x88,
   newfalse = 0x89,
   long1 = 0x8a,
};

// Those that files made to harm are likely to have.
std::string_view name_of(uint8_t code) {
   switch (code) {
   case 'i':
      return " (INST)";
   case 'o':
      return " (OBJ)";
   case 'P':
      return " (PERSID)";
   case 0x81:
      return " (NEWOBJ)";
   case 0x82:
   case 0x83:
   case 0x84:
      return " (EXT)";
   case 0x92:
      return " (NEWOBJ_EX)";
   case 0x93:
      return " (STACK_GLOBAL)";
   default:
      return "";
   }
}

class machine {
 public:
   explicit machine(byte_reader &bytes) : bytes_(bytes) {}

   pickled run() {
      if (bytes_.number(1) != proto)
         refuse_pickle("does not begin like one");
      if (const uint64_t version = bytes_.number(1); version != 2)
         refuse_pickle(fmt::format("has protocol {}, and 2 is what torch.save writes", version));
      for (std::size_t count = 0;; ++count) {
         if (count == most_instructions)
            refuse_pickle(fmt::format("has more than {} instructions", most_instructions));
         const auto code = static_cast<uint8_t>(bytes_.number(1));
         if (code == stop)
            break;
         if (!push_constant(code) && !push_container(code) && !fill_container(code) && !use_memo(code) &&
             !use_name(code))
            refuse_pickle(fmt::format("has the instruction 0x{:02x}{}, which no file of tensors needs", code,
                                      name_of(code)));
      }
      if (stack_.size() != 1 || !marks_.empty())
         refuse_pickle("ends with other than one value");
      made_.top = stack_[0];
      return std::move(made_);
   }

 private:
   // ---- The stack

   uint32_t add(pickled_value made) {
      made_.values.push_back(std::move(made));
      return static_cast<uint32_t>(made_.values.size() - 1);
   }
   void push(value_kind kind, int64_t number = 0, std::string text = {}) {
      stack_.push_back(add({kind, number, std::move(text), {}}));
   }
   pickled_value &at(uint32_t id) { return made_.values[id]; }
   std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
   uint32_t pop() {
      if (stack_.size() <= floor())
         refuse_pickle("takes more than it has put down");
      const uint32_t id = stack_.back();
      stack_.pop_back();
      return id;
   }
   uint32_t top() {
      const uint32_t id = pop();
      stack_.push_back(id);
      return id;
   }
   std::vector<uint32_t> pop_to_mark() {
      if (marks_.empty())
         refuse_pickle("goes back to a mark that it has not set");
      const auto from = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
      std::vector<uint32_t> items(from, stack_.end());
      stack_.erase(from, stack_.end());
      marks_.pop_back();
      return items;
   }
   std::vector<uint32_t> pop_items(std::size_t count) {
      std::vector<uint32_t> items(count);
      for (std::size_t i = count; i-- > 0;)
         items[i] = pop();
      return items;
   }

   // ---- Constants

   void push_text(uint64_t length) {
      if (length > longest_text)
         refuse_pickle(fmt::format("has a text of {} bytes", length));
      push(value_kind::text, 0, std::string(bytes_.text(length)));
   }
   void push_long(uint64_t size) {
      if (size > 8)
         refuse_pickle("has a number of more than 64 bits");
      uint64_t value = size > 0 ? bytes_.number(size) : 0;
      if (size > 0 && size < 8 && value >> (8 * size - 1) != 0)
         value |= ~uint64_t{0} << (8 * size); // the sign
      push(value_kind::integer, static_cast<int64_t>(value));
   }
   bool push_constant(uint8_t code) {
      switch (code) {
      case none:
         push(value_kind::none);
         return true;
      case newtrue:
      case newfalse:
         push(value_kind::boolean, code == newtrue);
         return true;
      case binint:
         push(value_kind::integer, static_cast<int32_t>(bytes_.number(4)));
         return true;
      case binint1:
         push(value_kind::integer, static_cast<int64_t>(bytes_.number(1)));
         return true;
      case binint2:
         push(value_kind::integer, static_cast<int64_t>(bytes_.number(2)));
         return true;
      case long1:
         push_long(bytes_.number(1));
         return true;
      case binfloat:
         bytes_.skip(8); // no value of a tensor is one
         push(value_kind::real);
         return true;
      case binunicode:
      case binstring:
         push_text(bytes_.number(4));
         return true;
      case short_binstring:
         push_text(bytes_.number(1));
         return true;
      default:
         return false;
      }
   }

   // ---- Containers

   void push_tuple(std::vector<uint32_t> items) {
      stack_.push_back(add({value_kind::tuple, 0, {}, std::move(items)}));
   }
   bool push_container(uint8_t code) {
      switch (code) {
      case mark:
         if (marks_.size() == most_marks)
            refuse_pickle(fmt::format("is nested more than {} deep", most_marks));
         marks_.push_back(stack_.size());
         return true;
      case empty_dict:
         push(value_kind::dictionary);
         return true;
      case empty_list:
         push(value_kind::list);
         return true;
      case empty_tuple:
         push(value_kind::tuple);
         return true;
      case tuple:
         push_tuple(pop_to_mark());
         return true;
      case tuple1:
      case tuple2:
      case tuple3:
         push_tuple(pop_items(code - tuple1 + 1u));
         return true;
      default:
         return false;
      }
   }
   void extend(value_kind kind, const std::vector<uint32_t> &items) {
      pickled_value &container = at(top());
      if (container.kind != kind || (kind == value_kind::dictionary && items.size() % 2 != 0))
         refuse_pickle("fills what is no list or dictionary");
      container.items.insert(container.items.end(), items.begin(), items.end());
   }
   bool fill_container(uint8_t code) {
      switch (code) {
      case append:
         extend(value_kind::list, pop_items(1));
         return true;
      case appends:
         extend(value_kind::list, pop_to_mark());
         return true;
      case setitem:
         extend(value_kind::dictionary, pop_items(2));
         return true;
      case setitems:
         extend(value_kind::dictionary, pop_to_mark());
         return true;
      default:
         return false;
      }
   }

   bool use_memo(uint8_t code) {
      const bool is_long = code == long_binget || code == long_binput;
      if (code == binput || code == long_binput) {
         memo_[bytes_.number(is_long ? 4 : 1)] = top();
         return true;
      }
      if (code != binget && code != long_binget)
         return false;
      const auto found = memo_.find(bytes_.number(is_long ? 4 : 1));
      if (found == memo_.end())
         refuse_pickle("remembers what it never noted");
      stack_.push_back(found->second);
      return true;
   }

   // ---- What is more than plain data

   bool use_name(uint8_t code) {
      switch (code) {
      case global:
         push_name();
         return true;
      case binpersid:
         push_storage(pop());
         return true;
      case reduce:
         call();
         return true;
      case build:
         set_attributes();
         return true;
      default:
         return false;
      }
   }
   void push_name() {
      const std::string module(bytes_.line(longest_name));
      const std::string name = module + "." + std::string(bytes_.line(longest_name));
      if (!is_allowed(name))
         refuse_pickle(
             fmt::format("names {}, and nothing but tensors is built from it: it holds more than weights, or "
                         "is made to run code",
                         config::in_quotes(name)));
      push(value_kind::name, 0, name);
   }
   // ('storage', torch.FloatStorage, '0', 'cpu', 9), in old files with a None behind it.
   void push_storage(uint32_t id) {
      const std::vector<uint32_t> &items = at(id).items;
      const bool shaped = at(id).kind == value_kind::tuple && (items.size() == 5 || items.size() == 6) &&
                          at(items[0]).text == "storage" && at(items[1]).kind == value_kind::name &&
                          at(items[2]).kind == value_kind::text && at(items[4]).kind == value_kind::integer;
      const element_type *type = shaped ? storage_type(at(items[1]).text) : nullptr;
      if (!type || at(items[4]).number < 0)
         refuse_pickle("refers to something outside that is no storage of numbers");
      if (items.size() == 6 && at(items[5]).kind != value_kind::none)
         refuse_pickle("has a storage that is part of another, as only very old files do");
      const pickled_storage named{at(items[2]).text, type, static_cast<uint64_t>(at(items[4]).number)};
      const auto [known, is_new] = storages_.try_emplace(named.key, made_.storages.size());
      if (is_new)
         made_.storages.push_back(named);
      else if (made_.storages[known->second].type != type || made_.storages[known->second].count != named.count)
         refuse_pickle(fmt::format("tells two stories of the storage {}", config::in_quotes(named.key)));
      push(value_kind::storage, static_cast<int64_t>(known->second));
   }
   void call() {
      const std::vector<uint32_t> &arguments = items_of(pop(), value_kind::tuple);
      const uint32_t callee = pop();
      const std::string name = at(callee).kind == value_kind::name ? at(callee).text : "";
      if (name == ordered_dictionary)
         call_dictionary(arguments);
      else if (name == rebuild_tensor || name == rebuild_tensor_v2)
         call_tensor(arguments, name == rebuild_tensor ? 4 : 6);
      else if (name == rebuild_parameter && !arguments.empty() && at(arguments[0]).kind == value_kind::tensor)
         stack_.push_back(arguments[0]); // to us a parameter is its tensor
      else
         refuse_pickle(fmt::format("calls {} with what it does not take",
                                   name.empty() ? "what is no function" : config::in_quotes(name)));
   }
   // Without arguments, or with a list of pairs as Python 2 did.
   void call_dictionary(const std::vector<uint32_t> &arguments) {
      std::vector<uint32_t> flat;
      if (arguments.size() > 1)
         refuse_pickle("makes a dictionary from more than a list");
      if (arguments.size() == 1) {
         copied_ += items_of(arguments[0], value_kind::list).size();
         if (copied_ > most_instructions) // the only instruction that makes much of little
            refuse_pickle("makes one dictionary after another from one list");
         for (const uint32_t pair : items_of(arguments[0], value_kind::list)) {
            const pickled_value &both = at(pair);
            if ((both.kind != value_kind::list && both.kind != value_kind::tuple) || both.items.size() != 2)
               refuse_pickle("makes a dictionary from what are no pairs");
            flat.insert(flat.end(), both.items.begin(), both.items.end());
         }
      }
      stack_.push_back(add({value_kind::dictionary, 0, {}, std::move(flat)}));
   }
   // (storage, offset, shape, strides, requires_grad, hooks[, metadata])
   void call_tensor(const std::vector<uint32_t> &arguments, std::size_t least) {
      const bool longer = arguments.size() == 7 && least == 6;
      if ((arguments.size() != least && !longer) || at(arguments[0]).kind != value_kind::storage)
         refuse_pickle("builds a tensor from what are no parts of one");
      if (longer && !(at(arguments[6]).kind == value_kind::none ||
                      (at(arguments[6]).kind == value_kind::dictionary && at(arguments[6]).items.empty())))
         refuse_pickle("has a tensor that is to be conjugated, negated or the like");
      pickled_tensor made{static_cast<std::size_t>(at(arguments[0]).number), natural(arguments[1]),
                          naturals(arguments[2]), naturals(arguments[3])};
      if (made.strides.size() != made.shape.size())
         refuse_pickle("has a tensor without a stride for each dimension");
      made_.tensors.push_back(std::move(made));
      push(value_kind::tensor, static_cast<int64_t>(made_.tensors.size() - 1));
   }
   // The state of a dictionary is what PyTorch notes of versions; it changes no tensor.
   void set_attributes() {
      const uint32_t state = pop();
      if (at(state).kind != value_kind::dictionary || at(top()).kind != value_kind::dictionary)
         refuse_pickle("sets attributes of what is no dictionary");
   }

   const std::vector<uint32_t> &items_of(uint32_t id, value_kind kind) {
      if (at(id).kind != kind)
         refuse_pickle("has a value where a list of values must be");
      return at(id).items;
   }
   uint64_t natural(uint32_t id) {
      if (at(id).kind != value_kind::integer || at(id).number < 0)
         refuse_pickle("has a tensor with an offset, extent or stride that is no number from 0 up");
      return static_cast<uint64_t>(at(id).number);
   }
   std::vector<uint64_t> naturals(uint32_t id) {
      std::vector<uint64_t> numbers;
      const std::vector<uint32_t> &items = items_of(id, value_kind::tuple);
      if (items.size() > most_dimensions)
         refuse_pickle(fmt::format("has a tensor of more than {} dimensions", most_dimensions));
      for (const uint32_t item : items)
         numbers.push_back(natural(item));
      return numbers;
   }

   byte_reader &bytes_;
   pickled made_;
   std::vector<uint32_t> stack_;
   std::vector<std::size_t> marks_;
   std::map<uint64_t, uint32_t> memo_;
   std::map<std::string, std::size_t> storages_; // by key
   std::size_t copied_ = 0;                      // items of lists that dictionaries were made from
};

} // namespace

pickled unpickle(byte_reader &bytes) { return machine(bytes).run(); }

} // namespace giflab::model_files
