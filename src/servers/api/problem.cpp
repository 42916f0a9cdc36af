#include "servers/api/problem.hpp"

#include "base/json/json_writer.hpp"
#include "journal/errors.hpp"
#include "servers/api/errors.hpp"

namespace keel::servers {

using http::Status;

Status status_of(const Error& error) noexcept {
  if (error.is(kMethodNotAllowed)) return Status::method_not_allowed;
  if (error.is(kUnsupportedMediaType)) return Status::unsupported_media_type;
  if (error.is(kNotAuthenticated)) return Status::unauthorized;
  if (error.is(journal::kArchived)) return Status::gone;
  switch (error.error_class()) {
    case ErrorClass::invalid:
      return Status::bad_request;
    case ErrorClass::denied:
      return Status::forbidden;
    case ErrorClass::missing:
      return Status::not_found;
    case ErrorClass::conflict:
      return Status::conflict;
    case ErrorClass::retry_later:
    case ErrorClass::overload:
    case ErrorClass::cancelled:
    case ErrorClass::unavailable:
      return Status::service_unavailable;
    case ErrorClass::unknown:
    case ErrorClass::corrupt:
    case ErrorClass::bug:
      return Status::internal_server_error;
  }
  return Status::internal_server_error;
}

void write_problem(const Error& error, Reply& reply) {
  if (error.error_class() == ErrorClass::unknown) {
    reply.cut = true;
    return;
  }
  reply.stream.reset();
  reply.status = status_of(error);
  reply.content_type = "application/problem+json";
  if (reply.status == Status::service_unavailable) reply.fields.push_back({"Retry-After", "1"});
  if (reply.status == Status::unauthorized)
    reply.fields.push_back({"WWW-Authenticate", "Bearer realm=\"keel\""});
  reply.body.clear();
  JsonWriter json(reply.body);
  json.begin_object();
  json.key("type"), json.text("about:blank");
  json.key("title"), json.text(http::reason(reply.status));
  json.key("status"), json.number(std::uint64_t{http::code(reply.status)});
  json.key("code"), json.text(error.kind().name);
  json.key("number"), json.number(std::uint64_t{error.kind().number});
  if (!error.detail().empty()) json.key("detail"), json.text(error.detail());
  json.end_object();
}

}  // namespace keel::servers
