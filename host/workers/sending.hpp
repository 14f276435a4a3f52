#pragma once
// From plans to messages, and from deaths to reasons.

#include "workers/places.hpp"
#include "workers/requests.hpp"
#include "workers/worker_process.hpp"

namespace giflab::workers {

template <class Request> std::string message_of(request_kind kind, const Request &request) {
   writer message;
   message(kind, request);
   return message.take();
}

// `trusted`: may its module take several calls at a time?
plugin_name name_of(const modules::plugin &plugin, bool trusted);
sent_metric sent(const engine::planned_metric &metric, bool trusted);
std::vector<sent_stage> sent(const std::vector<engine::pipeline_stage> &stages, places &where);

// Was a plugin, or the module that it is in, at work when the worker died?
bool is_blamed(const death &dead, const modules::plugin &plugin);

// "crashed in measure of org.x.y at frame 3, SIGSEGV"
std::string reason_of(const death &dead, const std::string &plugin);

} // namespace giflab::workers
