package io.culvert.relay;

import io.culvert.relay.http.Problem;
import io.culvert.relay.http.ProblemCode;
import io.culvert.relay.http.ProblemWriter;
import io.culvert.relay.route.Routed;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The way in for public HTTP: finds the name that a request is for ({@link Routed#name}) and counts
 * what runs, so that the relay can stop when that is over. Thread-safe.
 */
final class PublicRequests extends Handler.Wrapper {
  private final HostRouter hosts;
  private final ProblemWriter problems;

  // Guarded by this object's monitor; waiters are notified when the last request is over.
  private int running;
  private boolean stopping;

  /**
   * @param next serves the requests
   */
  PublicRequests(HostRouter hosts, Handler next, ProblemWriter problems) {
    super(next);
    this.hosts = hosts;
    this.problems = problems;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (!begin()) {
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
      refuse(ProblemCode.RELAY_STOPPING.problem(""), request, response, callback);
      return true;
    }
    AtomicBoolean over = new AtomicBoolean();
    Request.addCompletionListener(request, failure -> end(over));
    // How long a request takes, and how long it is silent, is the service's business.
    request.addIdleTimeoutListener(timeout -> false);
    String host = Request.getServerName(request);
    Optional<String> name = hosts.name(host);
    if (name.isEmpty()) {
      ProblemCode code =
          hosts.belowDomain(host) ? ProblemCode.UNKNOWN_NAME : ProblemCode.MISDIRECTED_REQUEST;
      refuse(code.problem(""), request, response, callback);
      return true;
    }
    Routed.name(request, name.get());
    return super.handle(request, response, callback);
  }

  private void refuse(Problem problem, Request request, Response response, Callback callback) {
    problems.write(problem, Routed.id(request), request, response, callback);
  }

  private synchronized boolean begin() {
    if (stopping) {
      return false;
    }
    running++;
    return true;
  }

  private synchronized void end(AtomicBoolean over) {
    if (over.compareAndSet(false, true) && --running == 0) {
      notifyAll(); // awaitEnd
    }
  }

  /** Takes no new requests from here on, and waits until none runs; at most that long. */
  synchronized void awaitEnd(Duration timeout) throws InterruptedException {
    stopping = true;
    long deadline = System.nanoTime() + timeout.toNanos();
    while (running > 0) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return;
      }
      wait(left); // for end()
    }
  }
}
