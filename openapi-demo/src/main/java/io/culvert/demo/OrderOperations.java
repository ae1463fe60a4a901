package io.culvert.demo;

import io.culvert.demo.OrderBook.OrderData;
import io.culvert.demo.OrderBook.StoredOrder;
import java.io.IOException;
import java.util.Map;

/** The operations on orders. */
final class OrderOperations {
  private final OrderBook orders;

  OrderOperations(OrderBook orders) {
    this.orders = orders;
  }

  /** The handlers by operation id. */
  Map<String, Handler> handlers() {
    return Map.of(
        "listOrders", this::list,
        "placeOrder", this::place,
        "getOrder", this::get,
        "cancelOrder", this::cancel);
  }

  private void list(Exchange exchange) throws IOException {
    exchange.send(200, orders.list(exchange.parameters().number("petId")));
  }

  private void place(Exchange exchange) throws IOException {
    StoredOrder order = orders.place(exchange.json(OrderData.class));
    exchange.response().setHeader("Location", "/orders/" + order.id());
    exchange.send(201, order);
  }

  private void get(Exchange exchange) throws IOException {
    exchange.send(200, orders.get(exchange.id("orderId")));
  }

  private void cancel(Exchange exchange) {
    orders.cancel(exchange.id("orderId"));
    exchange.sendNothing(204);
  }
}
