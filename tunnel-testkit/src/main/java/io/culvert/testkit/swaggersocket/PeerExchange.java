package io.culvert.testkit.swaggersocket;

import java.io.IOException;

/** A request that a scripted peer serves. */
final class PeerExchange implements SwaggerService.Exchange {
  private final SwaggerPeer peer;
  private final ReceivedRequest request;
  private final GoResponse response;
  private String trailer;
  private String trailerValue;

  private PeerExchange(SwaggerPeer peer, ReceivedRequest request, GoResponse response) {
    this.peer = peer;
    this.request = request;
    this.response = response;
  }

  /** Makes the peer serve this. */
  static SwaggerPeer.Handler handler(SwaggerPeer peer, SwaggerService service) {
    return (request, response) -> {
      PeerExchange exchange = new PeerExchange(peer, request, response);
      service.serve(exchange);
      exchange.finish();
    };
  }

  @Override
  public String path() {
    return request.target().split("\\?", 2)[0];
  }

  @Override
  public String body() {
    return request.body();
  }

  @Override
  public void status(int code) {
    response.status(code);
  }

  @Override
  public void header(String name, String value) {
    response.header(name, value);
  }

  @Override
  public void trailer(String name, String value) {
    response.header("Trailer", name);
    trailer = name;
    trailerValue = value;
  }

  @Override
  public void write(String text) throws IOException {
    response.write(text);
  }

  @Override
  public void flush() throws IOException {
    if (peer.ended()) {
      throw new IOException("the other side is gone");
    }
    response.flush();
  }

  /** A value that is set after the head has been sent is a trailer, before it a header. */
  private void finish() {
    if (trailer != null) {
      response.header(trailer, trailerValue);
    }
  }
}
