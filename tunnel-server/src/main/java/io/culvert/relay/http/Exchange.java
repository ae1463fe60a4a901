package io.culvert.relay.http;

import io.culvert.connection.Delivered;
import io.culvert.jetty.WatchedEndPoint;
import io.culvert.relay.route.AgentLink;
import io.culvert.relay.route.Agents;
import io.culvert.relay.route.Routed;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * One request of a client, from its arrival to the last byte of its answer: finds an agent, waits
 * for one if need be, and tries another one as long as the request has provably not been delivered.
 * Blocks no thread. Thread-safe.
 */
final class Exchange {
  /** Attribute of the request to the agent: this object. */
  static final String ATTRIBUTE = Exchange.class.getName();

  /** The client left before it had an answer: nginx's word for it. */
  static final int CLIENT_CLOSED_REQUEST = 499;

  /** How many agents may fail a request before its client is told. */
  static final int MAX_ATTEMPTS = 4;

  private final ForwardingHandler handler;
  private final Request request;
  private final Response response;
  private final Callback callback;
  private final String name;
  private final String id;
  private final long begin = System.nanoTime();
  private final RequestBody body;
  private final boolean hasBody;
  private final AtomicBoolean over = new AtomicBoolean();

  // Guarded by this object's monitor.

  private final Set<AgentLink> tried = new HashSet<>();

  /** The attempt that is under way, or the last one; null before the first. */
  private Attempt current;

  /** Why the last attempt has failed; null if none has. */
  private Problem failure;

  /** Null while it waits for no agent. */
  private AgentWait wait;

  /** Why the client is gone; null while it is there. */
  private Throwable clientFailure;

  /** The interim responses that are being written, one after another. */
  private CompletableFuture<Void> interims = CompletableFuture.completedFuture(null);

  Exchange(
      ForwardingHandler handler,
      Request request,
      Response response,
      Callback callback,
      String name,
      String id) {
    this.handler = handler;
    this.request = request;
    this.response = response;
    this.callback = callback;
    this.name = name;
    this.id = id;
    body = new RequestBody(request, this::watchClient);
    hasBody = findBody();
  }

  private boolean findBody() {
    if (http1()) {
      return request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)
          || request.getHeaders().contains(HttpHeader.CONTENT_LENGTH);
    }
    return request.getLength() >= 0 || !body.isEmpty();
  }

  Request request() {
    return request;
  }

  Response response() {
    return response;
  }

  RequestBody body() {
    return body;
  }

  /** Whether the request has a body, be it an empty one. */
  boolean hasBody() {
    return hasBody;
  }

  /** What goes to the agent. */
  HttpFields.Mutable fieldsFor(AgentLink agent) {
    HttpFields received = request.getHeaders();
    String host = agent.hostHeader().orElseGet(() -> request.getHttpURI().getAuthority());
    HttpFields.Mutable fields = handler.policy().toAgent(request, host);
    fields.remove(HttpHeader.CONTENT_LENGTH);
    fields.remove(HttpHeader.TRANSFER_ENCODING);
    fields.remove(HttpHeader.EXPECT);
    fields.put(ForwardingHandler.REQUEST_ID_FIELD, id);
    if (agent.h2c() && received.contains(HttpHeader.TE, "trailers")) {
      fields.put(HttpHeader.TE, "trailers"); // gRPC wants to see it
    }
    return fields;
  }

  /** What goes to the client. */
  HttpFields fieldsFrom(HttpFields fromAgent) {
    return handler.policy().toClient(fromAgent);
  }

  void start() {
    request.addIdleTimeoutListener(timeout -> false); // a quiet exchange is no failed one
    request.addFailureListener(this::clientGone);
    Optional<Problem> refused = handler.policy().refuse(request);
    if (refused.isPresent()) {
      answer(refused.get());
      return;
    }
    if (!hasBody) {
      watchClient();
    }
    next();
  }

  /** From here on Jetty reads nothing from a client of HTTP/1.1 before it has its answer. */
  private void watchClient() {
    EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
    while (endPoint instanceof EndPoint.Wrapper wrapper) {
      endPoint = wrapper.unwrap();
    }
    if (http1() && endPoint instanceof WatchedEndPoint socket) {
      Runnable gone = () -> clientGone(new EofException("the client has left"));
      Request.addCompletionListener(request, failure -> socket.unwatch(gone));
      socket.watch(gone);
    }
  }

  private boolean http1() {
    return request.getConnectionMetaData().getHttpVersion().getVersion()
        <= HttpVersion.HTTP_1_1.getVersion();
  }

  private void next() {
    Agents.Choice choice;
    synchronized (this) {
      if (over.get()) {
        return;
      }
      choice = handler.agents().choose(name, Set.copyOf(tried));
    }
    if (choice instanceof Agents.Found found) {
      attempt(found.agent());
    } else if (choice instanceof Agents.Away && failedBeforeTheService()) {
      await();
    } else {
      giveUp(choice instanceof Agents.Unknown);
    }
  }

  /** Whether another agent would help: a service that refuses is there to be told of. */
  private synchronized boolean failedBeforeTheService() {
    return failure == null || failure.hop() != Problem.Hop.UPSTREAM;
  }

  private void attempt(AgentLink agent) {
    Attempt attempt = new Attempt(this, agent, handler.client(agent));
    synchronized (this) {
      current = attempt;
      tried.add(agent);
    }
    Routed.agent(request, agent);
    attempt.send();
    if (clientFailure() != null) {
      attempt.abort(clientFailure());
    }
  }

  private synchronized Throwable clientFailure() {
    return clientFailure;
  }

  private void await() {
    long left = handler.agentWait().toNanos() - (System.nanoTime() - begin);
    if (left <= 0) {
      giveUp(false);
      return;
    }
    AgentWait waiting;
    synchronized (this) {
      waiting = new AgentWait(handler, name, Set.copyOf(tried), left);
      wait = waiting;
    }
    waiting.start(this::next, () -> giveUp(false));
    if (over.get()) {
      waiting.cancel();
    }
  }

  private void giveUp(boolean unknown) {
    Problem last;
    synchronized (this) {
      last = failure;
    }
    if (last != null) {
      answer(last);
    } else if (unknown) {
      answer(ProblemCode.UNKNOWN_NAME.problem("no agent serves the name " + name));
    } else {
      answer(ProblemCode.AGENTS_AWAY.problem("no agent of the name " + name + " is connected"));
    }
  }

  /** The attempt has failed, and nothing of an answer was written. */
  void failed(Attempt attempt, Problem problem) {
    if (body.failure() != null) {
      clientGone(body.failure());
      return;
    }
    boolean again;
    synchronized (this) {
      failure = problem;
      again =
          problem.delivered() == Delivered.NO && body.replayable() && tried.size() < MAX_ATTEMPTS;
    }
    if (again) {
      handler.execute(this::next);
    } else {
      answer(problem);
    }
  }

  private void answer(Problem problem) {
    body.release();
    if (over.compareAndSet(false, true)) {
      afterInterims(() -> handler.problems().write(problem, id, request, response, callback));
    }
  }

  /** All of the response was written. */
  void succeeded() {
    if (over.compareAndSet(false, true)) {
      callback.succeeded();
    }
  }

  /** The rest of the response is not to come: the client must see that it is not whole. */
  void cut(Problem problem) {
    if (over.compareAndSet(false, true)) {
      Routed.code(request, problem.code());
      callback.failed(new CutException(problem));
    }
  }

  /** The client reads no answer any more, or has not sent what it has begun to send. */
  void clientGone(Throwable cause) {
    Attempt running;
    synchronized (this) {
      clientFailure = cause;
      running = current;
      if (wait != null) {
        wait.cancel();
      }
    }
    if (over.compareAndSet(false, true)) {
      Routed.code(request, "");
      if (!response.isCommitted()) {
        Routed.status(request, CLIENT_CLOSED_REQUEST);
      }
      callback.failed(cause);
    }
    if (running != null) {
      running.abort(cause);
    }
  }

  /** The answer is 101, and what follows is not HTTP; false if the request was over before. */
  boolean upgraded() {
    body.release();
    return over.compareAndSet(false, true);
  }

  void execute(Runnable task) {
    handler.execute(task);
  }

  Callback callback() {
    return callback;
  }

  /** Passes an interim response on. */
  void interim(int status, HttpFields fromAgent) {
    HttpFields fields = fieldsFrom(fromAgent);
    synchronized (this) {
      interims =
          interims.handle((done, failed) -> null).thenCompose(n -> writeInterim(status, fields));
    }
  }

  private CompletableFuture<Void> writeInterim(int status, HttpFields fields) {
    HttpFields.Mutable copy = HttpFields.build();
    for (HttpField field : fields) {
      copy.add(field);
    }
    return response.writeInterim(status, copy.asImmutable());
  }

  /** Runs the task when no interim response is being written. */
  void afterInterims(Runnable task) {
    CompletableFuture<Void> last;
    synchronized (this) {
      last = interims;
    }
    var ignored = last.whenComplete((done, failed) -> task.run());
  }
}
