package io.culvert.relay;

import io.culvert.client.TunnelClient;
import io.culvert.connection.TunnelStream;
import io.culvert.relay.route.Agents;
import io.culvert.relay.route.Routed;
import io.culvert.rendezvous.Rendezvous;
import io.culvert.testkit.RawUpgrade;
import io.culvert.testkit.RecordingListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** What tests of the relay begin with. */
final class Relays {
  static final HttpClient HTTP = HttpClient.newHttpClient();

  private Relays() {}

  /** Public HTTP that only says which agent a request would have gone to. */
  static Relay.Builder builder() {
    return Relay.builder().domain("localhost").publicHttp(Chosen::new);
  }

  private static final class Chosen extends Handler.Abstract {
    private final Agents agents;

    Chosen(Agents agents) {
      this.agents = agents;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      if (agents.choose(Routed.name(request).orElseThrow(), Set.of()) instanceof Agents.Found to) {
        Routed.agent(request, to.agent());
        Content.Sink.write(response, true, to.agent().agentId(), callback);
      } else {
        response.setStatus(503); // an error would get the relay's own answer
        Content.Sink.write(response, true, "nobody", callback);
      }
      return true;
    }
  }

  static TunnelClient.Builder client(InetSocketAddress relay) {
    return TunnelClient.builder("ws://127.0.0.1:" + relay.getPort());
  }

  static TunnelClient.Builder agent(InetSocketAddress relay, String name, String id) {
    return client(relay).header(Rendezvous.SERVE, name).header(Rendezvous.AGENT_ID, id);
  }

  static TunnelClient.Builder caller(InetSocketAddress relay, String name) {
    return client(relay).header(Rendezvous.CONNECT, name);
  }

  /** The status line's number that an upgrade is answered with. */
  static int upgrade(InetSocketAddress relay, String... headers) throws IOException {
    try (Socket socket = new Socket(relay.getAddress(), relay.getPort())) {
      socket.setSoTimeout((int) RecordingListener.HANG_GUARD.toMillis());
      String[] all = new String[headers.length + 1];
      System.arraycopy(headers, 0, all, 0, headers.length);
      all[headers.length] = "Sec-WebSocket-Protocol: culvert.v1";
      RawUpgrade.request(socket, all);
      return Integer.parseInt(line(socket.getInputStream()).split(" ", 3)[1]);
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      line.write(next);
    }
    return line.toString(StandardCharsets.US_ASCII).strip();
  }

  static HttpResponse<String> get(InetSocketAddress at, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at.getPort() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** GET of the root of a host, over HTTP/1.1; the status, a space and the body. */
  static String getHost(InetSocketAddress at, String host) throws IOException {
    try (Socket socket = new Socket(at.getAddress(), at.getPort())) {
      socket.setSoTimeout((int) RecordingListener.HANG_GUARD.toMillis());
      socket
          .getOutputStream()
          .write(
              ("GET /pets?secret=1 HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
      return answer.split(" ", 3)[1] + " " + body;
    }
  }

  static String readAll(TunnelStream stream) throws IOException {
    return new String(stream.inputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
