package io.culvert.relay;

import io.culvert.relay.access.Credentials;
import io.culvert.relay.access.Scope;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * What operators and their monitoring ask: {@code /status}, {@code /metrics}, {@code /healthz}. The
 * last needs no token: it says no more than that the relay runs.
 */
final class AdminRequests extends Handler.Abstract {
  private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** By any other name a page of somebody else's site may have sent its visitor's browser here. */
  private static final Pattern THIS_MACHINE =
      Pattern.compile("localhost|127\\.[0-9.]+|\\[[0-9a-fA-F:.]+]");

  /** Null: whoever reaches the port may ask, and the port is reached from this machine only. */
  private final Credentials credentials;

  private final Supplier<RelayStatus> status;
  private final Optional<RelayMetrics> metrics;
  private volatile boolean stopping;

  /**
   * @param credentials whose {@code admin} scope is needed; null for none, on loopback
   * @param metrics empty if their library is not there
   */
  AdminRequests(
      Credentials credentials, Supplier<RelayStatus> status, Optional<RelayMetrics> metrics) {
    this.credentials = credentials;
    this.status = status;
    this.metrics = metrics;
  }

  void stopping() {
    stopping = true;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    String path = Request.getPathInContext(request);
    boolean reads =
        HttpMethod.GET.is(request.getMethod()) || HttpMethod.HEAD.is(request.getMethod());
    if (path.equals("/healthz")) {
      Answers.text(response, callback, stopping ? 503 : 200, stopping ? "stopping" : "ok");
    } else if (!allowed(request, response, callback)) {
      return true;
    } else if (!reads) {
      response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
      Answers.text(response, callback, 405, "expected GET");
    } else if (path.equals("/status")) {
      Answers.json(response, callback, StatusReport.json(status.get()));
    } else if (path.equals("/metrics")) {
      metrics(response, callback);
    } else {
      Answers.text(response, callback, 404, "there is /status, /metrics and /healthz");
    }
    return true;
  }

  private boolean allowed(Request request, Response response, Callback callback) {
    if (credentials == null) {
      boolean here = THIS_MACHINE.matcher(String.valueOf(Request.getServerName(request))).matches();
      if (!here) {
        Answers.text(response, callback, 403, "expected localhost or an address as Host");
      }
      return here;
    }
    boolean admin =
        Bearer.token(request.getHeaders().get(HttpHeader.AUTHORIZATION))
            .flatMap(credentials::grant)
            .filter(grant -> grant.allows(Scope.admin()))
            .isPresent();
    if (!admin) {
      response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer realm=\"culvert\"");
      Answers.text(response, callback, 401, "expected a bearer token with the scope admin");
    }
    return admin;
  }

  private void metrics(Response response, Callback callback) {
    if (metrics.isEmpty()) {
      Answers.text(
          response,
          callback,
          501,
          "metrics need the library " + RelayMetrics.LIBRARY + ": add it to the class path");
      return;
    }
    response.setStatus(200);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, METRICS_TYPE);
    Content.Sink.write(response, true, metrics.get().text(), callback);
  }
}
