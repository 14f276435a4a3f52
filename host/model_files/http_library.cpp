// The library that download.cpp loads: the only file that is linked against libcurl.

#include "model_files/http.hpp"

#include <curl/curl.h>

#include <array>
#include <cstring>

namespace giflab::model_files {

namespace {

constexpr long most_redirections = 5, connect_seconds = 30, stalled_seconds = 60;

int watch(void *user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
   const auto &wanted = *static_cast<const http_request *>(user);
   return wanted.watch(wanted.user) ? 1 : 0;
}

http_outcome outcome_of(CURL *curl, CURLcode code) {
   long status = 0;
   curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
   switch (code) {
   case CURLE_OK:
      return http_outcome::whole;
   case CURLE_PARTIAL_FILE:
   case CURLE_RECV_ERROR:
   case CURLE_SEND_ERROR:
   case CURLE_GOT_NOTHING:
   case CURLE_OPERATION_TIMEDOUT:
      return http_outcome::dropped;
   case CURLE_RANGE_ERROR:
      return http_outcome::no_resume;
   case CURLE_HTTP_RETURNED_ERROR:
      return status == 416 ? http_outcome::no_resume : http_outcome::refused;
   default:
      return http_outcome::refused;
   }
}

http_answer get(CURL *curl, const http_request &wanted) {
   std::array<char, CURL_ERROR_SIZE> detail{};
   const auto set = [curl](CURLoption option, auto value) { curl_easy_setopt(curl, option, value); };
   curl_easy_reset(curl);
   set(CURLOPT_URL, wanted.url);
   set(CURLOPT_PROTOCOLS_STR, "http,https");
   set(CURLOPT_REDIR_PROTOCOLS_STR, std::strncmp(wanted.url, "https:", 6) == 0 ? "https" : "http,https");
   set(CURLOPT_FOLLOWLOCATION, 1L);
   set(CURLOPT_MAXREDIRS, most_redirections);
   set(CURLOPT_FAILONERROR, 1L);
   set(CURLOPT_NOSIGNAL, 1L);
   set(CURLOPT_CONNECTTIMEOUT, connect_seconds);
   set(CURLOPT_LOW_SPEED_LIMIT, 1L);
   set(CURLOPT_LOW_SPEED_TIME, stalled_seconds);
   set(CURLOPT_USERAGENT, "giflab");
   set(CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(wanted.from));
   set(CURLOPT_WRITEFUNCTION, wanted.keep);
   set(CURLOPT_WRITEDATA, wanted.user);
   set(CURLOPT_NOPROGRESS, 0L);
   set(CURLOPT_XFERINFOFUNCTION, watch);
   set(CURLOPT_XFERINFODATA, &wanted);
   set(CURLOPT_ERRORBUFFER, detail.data());
   const CURLcode code = curl_easy_perform(curl);
   return {outcome_of(curl, code), detail[0] != '\0' ? detail.data() : curl_easy_strerror(code)};
}

} // namespace

} // namespace giflab::model_files

using namespace giflab::model_files;

extern "C" {

__attribute__((visibility("default"))) void *giflab_http_open() { return curl_easy_init(); }
__attribute__((visibility("default"))) void giflab_http_close(void *connection) {
   curl_easy_cleanup(connection);
}
__attribute__((visibility("default"))) http_answer giflab_http_get(void *connection,
                                                                   const http_request &wanted) {
   return get(connection, wanted);
}

} // extern "C"
