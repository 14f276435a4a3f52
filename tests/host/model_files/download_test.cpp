// Models from a server on this machine that misbehaves as asked.

#include "contains.hpp"
#include "model_files/install.hpp"
#include "scratch_folder.hpp"
#include "services/sha256.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <mutex>
#include <thread>
#include <vector>

using namespace giflab;
using giflab::tests::contains;
namespace fs = std::filesystem;

#ifdef GIFLAB_CURL

namespace {

// Answers one request after another: `answer` gives all bytes that are sent, then the connection is closed.
class server {
 public:
   explicit server(std::function<std::string(const std::string &request)> answer) : answer_(std::move(answer)) {
      listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      socklen_t size = sizeof address;
      REQUIRE(bind(listener_, reinterpret_cast<sockaddr *>(&address), size) == 0);
      REQUIRE(listen(listener_, 8) == 0);
      REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr *>(&address), &size) == 0);
      port = ntohs(address.sin_port);
      thread_ = std::thread([this] { serve(); });
   }
   ~server() {
      shutdown(listener_, SHUT_RDWR); // wakes accept
      thread_.join();
      close(listener_);
   }
   std::vector<std::string> requests() {
      std::lock_guard lock(mutex_);
      return requests_;
   }

   int port = 0;

 private:
   void serve() {
      for (int client = accept(listener_, nullptr, nullptr); client >= 0;
           client = accept(listener_, nullptr, nullptr)) {
         std::string request;
         char piece[1024];
         while (request.find("\r\n\r\n") == std::string::npos) {
            const ssize_t count = read(client, piece, sizeof piece);
            if (count <= 0)
               break;
            request.append(piece, static_cast<std::size_t>(count));
         }
         note(request); // before the other side can be done with the answer
         std::string answer = answer_(request);
         if (const std::size_t line = answer.find("\r\n"); line != std::string::npos)
            answer.insert(line, "\r\nConnection: close"); // or the next request may meet the closing
         for (std::size_t sent = 0; sent < answer.size();) {
            const ssize_t count = send(client, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
            if (count <= 0)
               break;
            sent += static_cast<std::size_t>(count);
         }
         close(client);
      }
   }

   void note(const std::string &request) {
      std::lock_guard lock(mutex_);
      requests_.push_back(request);
   }

   std::function<std::string(const std::string &)> answer_;
   int listener_;
   std::mutex mutex_;
   std::vector<std::string> requests_;
   std::thread thread_;
};

std::string content_of_model() {
   std::string content;
   for (int i = 0; content.size() < 200'000; ++i)
      content += std::to_string(i);
   return content;
}
const std::string content = content_of_model();

std::size_t range_start(const std::string &request) {
   const std::size_t range = request.find("Range: bytes=");
   return range == std::string::npos ? 0 : std::stoul(request.substr(range + 13));
}

// As servers do that know ranges; only `bytes` of what is due are sent.
std::string answered(const std::string &request, const std::string &of = content,
                     std::size_t bytes = SIZE_MAX) {
   const std::size_t from = range_start(request);
   if (from > 0)
      return fmt::format(
                 "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {}-{}/{}\r\nContent-Length: {}\r\n\r\n",
                 from, of.size() - 1, of.size(), of.size() - from) +
             of.substr(from, bytes);
   return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", of.size()) + of.substr(0, bytes);
}

struct setting {
   const tests::scratch_folder folder;
   std::string hash, origin;
   giflab_model_source source{};
   services::cancellation wish;
   uint64_t most = 0;

   setting() {
      services::sha256 sum;
      sum.add(std::as_bytes(std::span(content)));
      hash = sum.digest().value();
      setenv("no_proxy", "127.0.0.1", 1); // whatever stands between this machine and the world
   }

   result<std::string> fetch_from(const server &from,
                                  const std::string &path = "/files/model.safetensors?x=1.y") {
      origin = fmt::format("http://127.0.0.1:{}{}", from.port, path);
      source = {.id = "m-1.0",
                .sha256 = hash.c_str(),
                .origin = origin.c_str(),
                .license = "MIT",
                .size = content.size()};
      return model_files::download(source, folder.path().string(), wish,
                                   [this](uint64_t bytes, uint64_t) { most = bytes; });
   }
   std::string bytes_in(const std::string &name) const {
      std::ifstream file(folder.file(name), std::ios::binary);
      return {std::istreambuf_iterator<char>(file), {}};
   }
   std::size_t files() const { return folder.entries(); }
};

} // namespace

TEST_CASE("a model is fetched, checked, and has its name only then") {
   server from([](const std::string &request) { return answered(request); });
   setting here;
   const auto path = here.fetch_from(from);
   REQUIRE_MESSAGE(path, (path ? "" : path.error().text));
   CHECK(*path == here.folder.file("m-1.0.safetensors"));
   CHECK(here.bytes_in("m-1.0.safetensors") == content);
   CHECK(here.files() == 1);
   CHECK(here.most == content.size());
   CHECK(from.requests().size() == 1);
}

TEST_CASE("where the connection drops it goes on from there") {
   server from([](const std::string &request) { return answered(request, content, 70'000); });
   setting here;
   const auto path = here.fetch_from(from);
   REQUIRE_MESSAGE(path, (path ? "" : path.error().text));
   CHECK(here.bytes_in("m-1.0.safetensors") == content);
   const auto requests = from.requests();
   REQUIRE(requests.size() == 3);
   CHECK_FALSE(contains(requests[0], "Range:"));
   CHECK(contains(requests[1], "Range: bytes=70000-"));
   CHECK(contains(requests[2], "Range: bytes=140000-"));
}

TEST_CASE(
    "what an earlier call left is gone on with, unless the server begins anew or the rest is of another file") {
   setting here;
   std::ofstream(here.folder.file("m-1.0.safetensors.part")) << content.substr(0, 1000);
   SUBCASE("the server goes on") {
      server from([](const std::string &request) { return answered(request); });
      REQUIRE(here.fetch_from(from));
      REQUIRE(from.requests().size() == 1);
      CHECK(contains(from.requests()[0], "Range: bytes=1000-"));
   }
   SUBCASE("the server knows no ranges") {
      server from([](const std::string &) { return answered(""); });
      const auto path = here.fetch_from(from);
      REQUIRE_MESSAGE(path, (path ? "" : path.error().text));
   }
   SUBCASE("it is all here") {
      std::ofstream(here.folder.file("m-1.0.safetensors.part")) << content;
      server from([](const std::string &request) { return answered(request); });
      REQUIRE(here.fetch_from(from));
      CHECK(from.requests().empty());
   }
   SUBCASE("it is longer than the model") {
      std::ofstream(here.folder.file("m-1.0.safetensors.part")) << content << content;
      server from([](const std::string &request) { return answered(request); });
      REQUIRE(here.fetch_from(from));
   }
   SUBCASE("it was of another file") {
      std::ofstream(here.folder.file("m-1.0.safetensors.part")) << std::string(1000, 'x');
      server from([](const std::string &request) { return answered(request); });
      CHECK_FALSE(here.fetch_from(from));
      CHECK(here.files() == 0); // so that the next call begins anew
      REQUIRE(here.fetch_from(from));
   }
   CHECK(here.bytes_in("m-1.0.safetensors") == content);
   CHECK(here.files() == 1);
}

TEST_CASE("what is not the model is refused, and nothing of it stays") {
   setting here;
   std::string words, other = content;
   other[5] ^= 1;
   std::function<std::string(const std::string &)> answer;
   SUBCASE("another file") {
      answer = [&](const std::string &request) { return answered(request, other); };
      words = "has the SHA-256 ";
   }
   SUBCASE("a longer one") {
      answer = [&](const std::string &request) { return answered(request, content + "x"); };
      words = "longer than the";
   }
   SUBCASE("a shorter one") {
      answer = [](const std::string &) { return "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nshort"; };
      words = "it has 5 bytes, and ";
   }
   SUBCASE("nothing there") {
      answer = [](const std::string &) { return "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone"; };
      words = "404";
   }
   SUBCASE("a server that always hangs up") {
      answer = [](const std::string &) { return ""; };
      words = "Empty reply";
   }
   SUBCASE("a redirection to a file of this machine") {
      answer = [](const std::string &) {
         return "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n";
      };
      words = "file";
   }
   SUBCASE("a redirection that never ends") {
      answer = [](const std::string &) {
         return "HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n";
      };
      words = "redirect";
   }
   server from(answer);
   const auto path = here.fetch_from(from);
   REQUIRE_FALSE(path);
   CHECK_MESSAGE(contains(path.error().text, words), path.error().text);
   CHECK(contains(path.error().text, here.origin));
   if (words != "it has 5 bytes, and ") // which may be the beginning of it
      CHECK(here.files() == 0);
}

TEST_CASE("redirections are followed, and a wish to stop is heard") {
   server from([](const std::string &request) {
      return request.starts_with("GET /old ")
                 ? "HTTP/1.1 301 Moved\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n"
                 : answered(request);
   });
   setting here;
   const auto path = here.fetch_from(from, "/old");
   REQUIRE_MESSAGE(path, (path ? "" : path.error().text));
   CHECK(*path == here.folder.file("m-1.0"));
   fs::remove(*path);
   here.wish.request();
   const auto stopped = here.fetch_from(from, "/old");
   REQUIRE_FALSE(stopped);
   CHECK(stopped.error().kind == problem::cancelled);
}

#else

TEST_CASE("without libcurl a model is not fetched, and a sentence says what to do") {
   const giflab_model_source source{
       .id = "m", .sha256 = "", .origin = "https://example.org/m", .license = "MIT", .size = 1};
   const auto path = model_files::download(source, ".", {}, {});
   REQUIRE_FALSE(path);
   CHECK(path.error().text.find("giflab models import m FILE") != std::string::npos);
}

#endif
