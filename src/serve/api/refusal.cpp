#include "serve/api/refusal.h"

#include <new>

#include "serve/engine/engine.h"
#include "serve/engine/task_folder.h"
#include "serve/http/content_coding.h"

namespace submask {
namespace {

int status_of_kind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument:
    case ErrorKind::corrupt_file:
    case ErrorKind::unsupported_version:
      return 400;
    case ErrorKind::io:
    case ErrorKind::unavailable:
      return 503;
    case ErrorKind::interrupted:
    case ErrorKind::stopped:
      break;
  }
  return 500;
}

}  // namespace

StatusLine status_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Refusal& refusal) {
    return {refusal.status(), refusal.what()};
  } catch (const NoSuchTask& missing) {
    return {404, missing.what()};
  } catch (const UnknownCoding& coding) {
    return {415, coding.what()};
  } catch (const TooLate& late) {
    return {504, late.what()};
  } catch (const Error& other) {
    return {status_of_kind(other.kind()), other.what()};
  } catch (const std::bad_alloc&) {
    return {503, "expected memory for a request, got none: ask again later"};
  } catch (const std::exception& other) {
    return {500, other.what()};
  }
}

HttpResponse response_of(const std::exception_ptr& error) {
  const auto [status, line] = status_of(error);
  return status == 503 ? later_response(status, line) : error_response(status, line);
}

}  // namespace submask
