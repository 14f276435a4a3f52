#pragma once
// Whole messages over a socket between two processes.

#include "services/descriptor.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace giflab::workers {

// One end. Used by one thread at a time. What arrives and is no message is `malformed`, which both ways to
// receive one throw.
class channel {
 public:
   explicit channel(services::descriptor socket) : socket_(std::move(socket)) {}

   int socket() const { return socket_.get(); }

   // False if the other end is gone.
   bool send(std::string_view message);

   // The next message as far as it has arrived; nothing as long as it is not whole, and once the other end is
   // gone.
   std::optional<std::string> take();

   // The same, once it is whole; nothing if the other end is gone.
   std::optional<std::string> wait();

   bool gone() const { return gone_; }

   // Tells the other end that no message will follow.
   void finish();

 private:
   bool read_some(int flags);
   std::optional<std::string> cut_message();

   services::descriptor socket_;
   std::string arrived_;
   bool gone_ = false;
};

} // namespace giflab::workers
