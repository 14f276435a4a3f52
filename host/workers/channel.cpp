#include "workers/channel.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace giflab::workers {

namespace {

constexpr std::size_t piece = std::size_t{64} << 10;

} // namespace

bool channel::send(std::string_view message) {
   const uint64_t length = message.size();
   std::string framed(sizeof length, '\0');
   std::memcpy(framed.data(), &length, sizeof length);
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
   uint64_t length = 0;
   if (arrived_.size() < sizeof length)
      return std::nullopt;
   std::memcpy(&length, arrived_.data(), sizeof length);
   if (arrived_.size() - sizeof length < length)
      return std::nullopt;
   std::string message = arrived_.substr(sizeof length, length);
   arrived_.erase(0, sizeof length + length);
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
