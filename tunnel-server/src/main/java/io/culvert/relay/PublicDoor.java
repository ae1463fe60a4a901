package io.culvert.relay;

import io.culvert.relay.access.PublicAccess;
import io.culvert.relay.http.ForwardedHeaders;
import io.culvert.relay.http.ProblemCode;
import io.culvert.relay.http.ProblemWriter;
import io.culvert.relay.route.Routed;
import java.time.Duration;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Lets public requests, upgrades among them, in to the name that they are for, before anything is
 * asked of an agent or of their content. Thread-safe.
 */
final class PublicDoor extends Handler.Wrapper {
  private final PublicAccess access;
  private final ForwardedHeaders clients;
  private final ProblemWriter problems;

  /**
   * @param clients knows whose request it is
   * @param next serves the requests that are let in
   */
  PublicDoor(PublicAccess access, ForwardedHeaders clients, Handler next, ProblemWriter problems) {
    super(next);
    this.access = access;
    this.clients = clients;
    this.problems = problems;
  }

  /** A check may block: never the I/O, whatever comes next says of itself. */
  @Override
  public InvocationType getInvocationType() {
    return InvocationType.BLOCKING;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    String name = Routed.name(request).orElseThrow();
    PublicAccess.Decision decision =
        access.check(name, clients.client(request), authorization(request));
    if (decision instanceof PublicAccess.Allowed allowed) {
      if (allowed.stripAuthorization()) {
        Routed.consumeAuthorization(request);
      }
      return super.handle(request, response, callback);
    }
    ProblemCode refusal = refusal(decision, response);
    problems.write(refusal.problem(""), Routed.id(request), request, response, callback);
    return true;
  }

  /** Null if there is none; what nobody knows if there are several, which might be read apart. */
  private static String authorization(Request request) {
    List<String> values = request.getHeaders().getValuesList(HttpHeader.AUTHORIZATION);
    return values.isEmpty() ? null : values.size() == 1 ? values.get(0) : "";
  }

  private static ProblemCode refusal(PublicAccess.Decision decision, Response response) {
    if (decision instanceof PublicAccess.Challenge challenge) {
      response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, challenge.authenticate());
      return ProblemCode.UNAUTHORIZED;
    }
    if (decision instanceof PublicAccess.TooManyFailures tooMany) {
      response.getHeaders().put(HttpHeader.RETRY_AFTER, seconds(tooMany.retryAfter()));
      return ProblemCode.TOO_MANY_FAILURES;
    }
    return decision instanceof PublicAccess.Busy ? ProblemCode.ACCESS_BUSY : ProblemCode.FORBIDDEN;
  }

  /** Rounded up: who comes a moment too early is refused again. */
  private static long seconds(Duration time) {
    return time.plusSeconds(1).minusNanos(1).toSeconds();
  }
}
