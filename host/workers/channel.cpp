#include "workers/channel.hpp"

#include "workers/wire.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace giflab::workers {

namespace {

constexpr std::size_t piece = std::size_t{64} << 10;

// What every message begins with. A plugin may write to a descriptor that is not its own, which is this one.
struct heading {
   std::array<char, 8> word = {'g', 'i', 'f', 'l', 'a', 'b', '\x01', '\xFE'};
   uint64_t length = 0;
};
constexpr uint64_t longest = uint64_t{8} << 30; // thousands of values for each frame that the limits allow

} // namespace

bool channel::send(std::string_view message) {
   heading head;
   head.length = message.size();
   std::string framed(sizeof head, '\0');
   std::memcpy(framed.data(), &head, sizeof head);
   framed += message;
   std::string_view rest = framed;
   while (!rest.empty()) {
      const ssize_t sent = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EINTR)
         return false;
      rest.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
   }
   return true;
}

// False if nothing came.
bool channel::read_some(int flags) {
   std::array<char, piece> buffer;
   const ssize_t count = recv(socket_.get(), buffer.data(), buffer.size(), flags);
   if (count > 0)
      arrived_.append(buffer.data(), static_cast<std::size_t>(count));
   else if (count == 0 || (errno != EINTR && errno != EAGAIN))
      gone_ = true;
   return count > 0;
}

std::optional<std::string> channel::cut_message() {
   heading head;
   const std::size_t there = std::min(arrived_.size(), head.word.size());
   if (std::memcmp(arrived_.data(), head.word.data(), there) != 0)
      throw malformed();
   if (arrived_.size() < sizeof head)
      return std::nullopt;
   std::memcpy(&head, arrived_.data(), sizeof head);
   if (head.length > longest)
      throw malformed();
   if (arrived_.size() - sizeof head < head.length)
      return std::nullopt;
   std::string message = arrived_.substr(sizeof head, head.length);
   arrived_.erase(0, sizeof head + head.length);
   return message;
}

std::optional<std::string> channel::take() {
   auto message = cut_message();
   while (!message && read_some(MSG_DONTWAIT))
      message = cut_message();
   return message;
}

std::optional<std::string> channel::wait() {
   auto message = cut_message();
   while (!message && !gone_) {
      read_some(0);
      message = cut_message();
   }
   return message;
}

void channel::finish() { shutdown(socket_.get(), SHUT_RDWR); }

} // namespace giflab::workers
