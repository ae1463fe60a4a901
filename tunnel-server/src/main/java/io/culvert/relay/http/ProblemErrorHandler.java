package io.culvert.relay.http;

import java.util.Objects;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Says as a problem what Jetty refuses by itself, malformed requests above all. For {@link
 * org.eclipse.jetty.server.Server#setErrorHandler}. Thread-safe.
 */
public final class ProblemErrorHandler implements Request.Handler {
  private final ProblemWriter writer;
  private final Function<Request, String> requestId;

  /**
   * @param requestId what the log calls a request; also asked about those that were refused before
   *     anybody else has seen them
   */
  public ProblemErrorHandler(ProblemWriter writer, Function<Request, String> requestId) {
    this.writer = writer;
    this.requestId = requestId;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    writer.write(problem(request), requestId.apply(request), request, response, callback);
    return true;
  }

  private static Problem problem(Request request) {
    Object cause = request.getAttribute(ErrorHandler.ERROR_EXCEPTION);
    Object status = request.getAttribute(ErrorHandler.ERROR_STATUS);
    ProblemCode code = codeOf(status instanceof Integer number ? number : 500);
    return switch (code) {
      case HEADER_TOO_LARGE, URI_TOO_LONG -> code.problem(limit(request));
      // Only what Jetty says about a request is meant for its sender.
      default -> code.problem(cause instanceof HttpException failure ? reason(failure) : "");
    };
  }

  private static String reason(HttpException failure) {
    return Objects.requireNonNullElse(failure.getReason(), "");
  }

  private static String limit(Request request) {
    int bytes = request.getConnectionMetaData().getHttpConfiguration().getRequestHeaderSize();
    return "Request line and header fields together may have " + bytes + " bytes (maxHeaderBytes).";
  }

  private static ProblemCode codeOf(int status) {
    return switch (status) {
      case 414 -> ProblemCode.URI_TOO_LONG;
      case 417 -> ProblemCode.EXPECTATION_FAILED;
      case 431 -> ProblemCode.HEADER_TOO_LARGE;
      // Jetty asks for an upgrade when HTTP/2 comes where it is not spoken.
      case 426, 505 -> ProblemCode.VERSION_NOT_SUPPORTED;
      case 501 -> ProblemCode.METHOD_NOT_IMPLEMENTED;
      default -> status < 500 ? ProblemCode.BAD_REQUEST : ProblemCode.RELAY_FAILED;
    };
  }
}
