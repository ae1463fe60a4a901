package io.culvert.relay.http;

import io.culvert.connection.TunnelException;
import io.culvert.jetty.SocketIo;
import io.culvert.jetty.Splice;
import io.culvert.relay.route.Routed;
import io.culvert.relay.route.Upgraded;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.client.HttpResponseException;
import org.eclipse.jetty.client.HttpUpgrader;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * What follows when a service answers 101 (RFC 9110 section 7.8): the client gets that answer, and
 * then its socket and the agent's stream are joined byte for byte, whatever the protocol is. Each
 * attempt has its own.
 */
final class Upgrade implements HttpUpgrader {
  private final Attempt attempt;
  private final Exchange exchange;
  private final ByteBufferPool pool;

  /** Lower case; empty if nothing was asked for. */
  private final List<String> protocols;

  private final CompletableFuture<Upgraded> end = new CompletableFuture<>();

  Upgrade(Attempt attempt, Exchange exchange, ByteBufferPool pool) {
    this.attempt = attempt;
    this.exchange = exchange;
    this.pool = pool;
    protocols = asked(exchange.request());
  }

  /**
   * What the client asks for. HTTP/2 knows no upgrades, and h2c is none any more (RFC 9113 section
   * 3.1): behind it requests would pass that nobody here has looked at.
   */
  private static List<String> asked(Request request) {
    HttpFields fields = request.getHeaders();
    if (request.getConnectionMetaData().getHttpVersion() != HttpVersion.HTTP_1_1
        || !fields.contains(HttpHeader.CONNECTION, HttpHeaderValue.UPGRADE.asString())) {
      return List.of();
    }
    return fields.getCSV(HttpHeader.UPGRADE, false).stream()
        .map(protocol -> protocol.toLowerCase(Locale.ROOT))
        .filter(protocol -> !protocol.startsWith("h2"))
        .filter(protocol -> !protocol.startsWith("http/"))
        .toList();
  }

  /** For the agent's HTTP/1.1 stream alone. */
  void attach(StreamRequest toAgent) {
    HttpUpgrader.Factory factory = version -> this;
    toAgent.attribute(HttpUpgrader.Factory.class.getName(), factory);
  }

  @Override
  public void prepare(org.eclipse.jetty.client.Request toAgent) {
    if (!protocols.isEmpty()) {
      // As it was spelled: some services compare letter by letter.
      String value =
          String.join(
              ", ",
              exchange.request().getHeaders().getCSV(HttpHeader.UPGRADE, false).stream()
                  .filter(protocol -> protocols.contains(protocol.toLowerCase(Locale.ROOT)))
                  .toList());
      toAgent.headers(
          fields ->
              fields
                  .put(HttpHeader.CONNECTION, HttpHeaderValue.UPGRADE.asString())
                  .put(HttpHeader.UPGRADE, value));
    }
  }

  @Override
  public void upgrade(Response fromAgent, EndPoint agent, Callback callback) {
    if (!wanted(fromAgent)) {
      HttpResponseException failure =
          new HttpResponseException("a 101 that was not asked for", fromAgent);
      callback.failed(failure); // which asks the stream why
      SocketIo.abort(agent, failure);
      return;
    }
    SplicedConnection agentSide = new SplicedConnection(agent, exchange::execute, () -> {});
    agent.upgrade(agentSide);
    if (exchange.upgraded()) {
      exchange.afterInterims(() -> answer(fromAgent, agentSide));
    } else {
      giveUp(agent, new EofException("the client is gone"));
    }
  }

  private boolean wanted(Response fromAgent) {
    List<String> chosen = fromAgent.getHeaders().getCSV(HttpHeader.UPGRADE, false);
    return !protocols.isEmpty()
        && chosen.stream().allMatch(one -> protocols.contains(one.toLowerCase(Locale.ROOT)));
  }

  private void answer(Response fromAgent, SplicedConnection agentSide) {
    Request request = exchange.request();
    EndPoint client = request.getConnectionMetaData().getConnection().getEndPoint();
    SplicedConnection[] clientSide = new SplicedConnection[1];
    clientSide[0] =
        new SplicedConnection(client, exchange::execute, () -> join(clientSide[0], agentSide));
    org.eclipse.jetty.server.Response response = exchange.response();
    response.setStatus(HttpStatus.SWITCHING_PROTOCOLS_101);
    HttpFields.Mutable fields = response.getHeaders().clear();
    for (HttpField field : exchange.fieldsFrom(fromAgent.getHeaders())) {
      fields.add(field);
    }
    fields.put(HttpHeader.CONNECTION, HttpHeaderValue.UPGRADE.asString());
    for (String chosen : fromAgent.getHeaders().getValuesList(HttpHeader.UPGRADE)) {
      fields.add(HttpHeader.UPGRADE, chosen);
    }
    request.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, clientSide[0]);
    Routed.upgraded(request, end);
    // The client may go before it has its answer: then nobody opens its side.
    Request.addCompletionListener(
        request,
        failure -> {
          if (failure != null) {
            giveUp(agentSide.getEndPoint(), failure);
          }
        });
    response.write(true, BufferUtil.EMPTY_BUFFER, exchange.callback());
  }

  private void join(SplicedConnection client, SplicedConnection agent) {
    Splice.between(client.getEndPoint(), agent.getEndPoint(), pool)
        .alreadyRead(Splice.Side.LEFT, client.alreadyRead())
        .alreadyRead(Splice.Side.RIGHT, agent.alreadyRead())
        .onEnd(this::ended)
        .start();
  }

  private void ended(Splice.Outcome outcome) {
    String code = "";
    if (outcome.failed() == Splice.Side.RIGHT) {
      code =
          outcome.failure() instanceof TunnelException cut
              ? Problems.codeOf(cut.code()).id()
              : ProblemCode.UPSTREAM_RESET.id();
    }
    end(new Upgraded(outcome.toRight(), outcome.toLeft(), code));
  }

  private void giveUp(EndPoint agent, Throwable failure) {
    SocketIo.abort(agent, failure);
    end(new Upgraded(0, 0, ""));
  }

  private void end(Upgraded what) {
    if (end.complete(what)) {
      attempt.ended();
    }
  }
}
