package io.culvert.relay.http;

import io.culvert.relay.route.AgentLink;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.thread.Scheduler;

/** One try to have a request answered by one agent. Thread-safe. */
final class Attempt implements Response.Listener, ResponseCopy.Listener {
  /**
   * How long a service that expects 100-continue may say nothing before the body is sent (RFC 9110
   * section 10.1.1): as long as curl waits.
   */
  private static final long CONTINUE_MILLIS = 1_000;

  /** How long the end of a request may take whose answer is complete. */
  private static final long LINGER_MILLIS = 10_000;

  private final Exchange exchange;
  private final AgentLink agent;
  private final HttpClient client;
  private final StreamRequest toAgent;

  // Guarded by this object's monitor.

  /** The head of a response has come. */
  private boolean answered;

  /** The client gets the response, or an upgrade. */
  private boolean begun;

  /** All of the response was written to the client. */
  private boolean copied;

  /** Jetty's client is done with the request. */
  private boolean completed;

  /** Null if nothing is to happen later. */
  private Scheduler.Task later;

  Attempt(Exchange exchange, AgentLink agent, HttpClient client) {
    this.exchange = exchange;
    this.agent = agent;
    this.client = client;
    Request request = exchange.request();
    HttpFields.Mutable fields = exchange.fieldsFor(agent);
    boolean body = exchange.hasBody();
    boolean expects = body && keepExpectation(request, fields);
    toAgent = new StreamRequest(client, agent, request.getMethod(), request.getHttpURI(), fields);
    toAgent.attribute(Exchange.ATTRIBUTE, exchange);
    if (!agent.h2c()) {
      new Upgrade(this, exchange, client.getByteBufferPool()).attach(toAgent);
    }
    if (body) {
      toAgent.body(exchange.body().attempt());
      if (request.getLength() < 0) {
        toAgent.trailersSupplier(request::getTrailers);
      }
    }
    if (expects) {
      later = client.getScheduler().schedule(this::proceed, CONTINUE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private static boolean keepExpectation(Request request, HttpFields.Mutable fields) {
    boolean expects =
        request.getHeaders().contains(HttpHeader.EXPECT, HttpHeaderValue.CONTINUE.asString());
    if (expects) {
      fields.put(HttpHeader.EXPECT, HttpHeaderValue.CONTINUE);
    }
    return expects;
  }

  AgentLink agent() {
    return agent;
  }

  /** The bytes after an upgrade have ended. */
  void ended() {
    complete();
  }

  void send() {
    agent.began();
    try {
      toAgent.send(this);
    } catch (RuntimeException e) {
      if (complete()) {
        exchange.failed(this, Failures.of(e, toAgent, false));
      }
    }
  }

  /** Gives it up: what waits for the service is told so, and the service, if it has begun. */
  void abort(Throwable cause) {
    var ignored = toAgent.abort(cause);
  }

  /** Sends the body though the service has not asked for it. */
  private void proceed() {
    HttpExchange current = toAgent.getConversation().getExchanges().peekLast();
    if (current != null) {
      current.proceed(null, null);
    }
  }

  @Override
  public void onHeaders(Response fromAgent) {
    if (isUpgrade(fromAgent)) {
      return;
    }
    synchronized (this) {
      answered = true;
    }
    exchange.body().release();
    org.eclipse.jetty.server.Response toClient = exchange.response();
    toClient.setStatus(fromAgent.getStatus());
    toClient.getHeaders().clear();
    for (HttpField field : exchange.fieldsFrom(fromAgent.getHeaders())) {
      toClient.getHeaders().add(field);
    }
    if (mayHaveTrailers(fromAgent)) {
      toClient.setTrailersSupplier(fromAgent::getTrailers);
    }
  }

  /** It comes here only if the upgrade has failed: Jetty tells of the 101 before the failure. */
  private static boolean isUpgrade(Response fromAgent) {
    return fromAgent.getStatus() == HttpStatus.SWITCHING_PROTOCOLS_101;
  }

  /** Trailers need a response without a length, and a client that knows what they are. */
  private boolean mayHaveTrailers(Response fromAgent) {
    HttpVersion version = exchange.request().getConnectionMetaData().getHttpVersion();
    return version.getVersion() >= HttpVersion.HTTP_1_1.getVersion()
        && !fromAgent.getHeaders().contains(HttpHeader.CONTENT_LENGTH)
        && (agent.h2c()
            || fromAgent.getHeaders().getCSV(HttpHeader.TRANSFER_ENCODING, false).stream()
                .anyMatch(coding -> coding.toLowerCase(Locale.ROOT).equals("chunked")));
  }

  @Override
  public void onContentSource(Response fromAgent, Content.Source source) {
    if (isUpgrade(fromAgent)) {
      return;
    }
    ResponseCopy copy = new ResponseCopy(source, exchange.response(), this);
    exchange.afterInterims(copy::iterate);
  }

  @Override
  public void onComplete(Result result) {
    if (!complete()) {
      return;
    }
    boolean wasAnswered;
    boolean wasCopied;
    boolean wasBegun;
    synchronized (this) {
      wasAnswered = answered;
      wasCopied = copied;
      wasBegun = begun;
      begun |= result.isFailed(); // what comes too late is not written
    }
    if (result.isFailed() && !wasCopied) {
      // An answer may have come although the request was not taken to its end.
      boolean whole = result.getResponseFailure() == null && wasAnswered;
      if (!whole) {
        Problem problem = Failures.of(result.getFailure(), toAgent, wasAnswered);
        if (wasBegun) {
          exchange.cut(problem);
        } else {
          exchange.failed(this, problem);
        }
      }
    }
  }

  /** Jetty's client is done; false if it was before. */
  private boolean complete() {
    synchronized (this) {
      if (completed) {
        return false;
      }
      completed = true;
      if (later != null) {
        later.cancel();
      }
    }
    agent.finished();
    return true;
  }

  @Override
  public synchronized boolean begin() {
    if (begun) {
      return false;
    }
    begun = true;
    return true;
  }

  @Override
  public void copied() {
    boolean giveUp = false;
    synchronized (this) {
      copied = true;
      if (!completed) {
        giveUp = !exchange.body().ended() && exchange.hasBody();
        if (!giveUp) {
          later =
              client
                  .getScheduler()
                  .schedule(this::answeredEarly, LINGER_MILLIS, TimeUnit.MILLISECONDS);
        }
      }
    }
    if (giveUp) {
      answeredEarly();
    }
    exchange.succeeded();
  }

  private void answeredEarly() {
    abort(new CancellationException("the service has answered before the end of the request"));
  }

  @Override
  public void clientFailed(Throwable failure) {
    exchange.clientGone(failure);
    abort(failure);
  }

  /** What follows is {@link #onComplete}, which knows why. */
  @Override
  public void sourceFailed(Throwable failure) {
    abort(failure);
  }
}
