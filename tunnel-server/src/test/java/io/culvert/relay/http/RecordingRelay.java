package io.culvert.relay.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.Trailers;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.Callback;

/** The public connector and the header policy, and instead of agents a list of what they get. */
final class RecordingRelay {
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final Server server = new Server();
  private final ServerConnector connector;
  private final ForwardedHeaders policy;
  private final ProblemWriter writer = new ProblemWriter();

  RecordingRelay(Predicate<InetAddress> trusted, ForwardedHeaders.Source source) throws Exception {
    policy = new ForwardedHeaders(trusted, source);
    HttpConfiguration configuration = StrictHttp.configuration();
    connector =
        new ServerConnector(
            server,
            1,
            1,
            new HttpConnectionFactory(configuration),
            new PriorKnowledgeHttp2(configuration));
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setErrorHandler(new ProblemErrorHandler(writer, request -> "early"));
    server.setHandler(new Recorder());
    server.start();
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), connector.getLocalPort());
  }

  List<Seen> seen() {
    return seen;
  }

  void forget() {
    seen.clear();
  }

  void stop() throws Exception {
    server.stop();
  }

  private final class Recorder extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      Optional<Problem> refusal = policy.refuse(request);
      if (refusal.isPresent()) {
        writer.write(refusal.get(), "id", request, response, callback);
        return true;
      }
      HttpFields fields = policy.toAgent(request, request.getHttpURI().getAuthority());
      StringBuilder body = new StringBuilder();
      HttpFields trailers;
      try {
        trailers = read(request, body);
      } catch (Unreadable e) {
        Response.writeError(request, response, callback, e.getCause());
        return true;
      }
      HttpURI uri = request.getHttpURI();
      seen.add(
          new Seen(request.getMethod(), uri.getPathQuery(), fields, body.toString(), trailers));
      Content.Sink.write(response, true, "seen", callback);
      return true;
    }

    private HttpFields read(Request request, StringBuilder body) throws Exception {
      while (true) {
        Content.Chunk chunk = request.read();
        if (chunk == null) {
          try (Blocker.Runnable blocker = Blocker.runnable()) {
            request.demand(blocker);
            blocker.block();
          }
          continue;
        }
        if (Content.Chunk.isFailure(chunk)) {
          throw new Unreadable(chunk.getFailure());
        }
        if (chunk instanceof Trailers trailers) {
          return policy.trailers(trailers.getTrailers());
        }
        body.append(StandardCharsets.ISO_8859_1.decode(chunk.getByteBuffer()));
        chunk.release();
        if (chunk.isLast()) {
          return HttpFields.EMPTY;
        }
      }
    }
  }

  /** What has come of the request's content cannot be all. */
  private static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;

    Unreadable(Throwable cause) {
      super(cause);
    }
  }
}
