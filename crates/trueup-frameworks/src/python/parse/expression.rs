//! Expressions of the parser to ours.

use std::rc::Rc;

use super::super::stack::with_room;
use super::super::syntax::*;
use super::{Ranged, Reader, TextRange, ast, span};

impl Reader {
    pub(super) fn optional(&mut self, expression: Option<&ast::Expr>) -> Option<Expression> {
        expression.map(|expression| self.expression(expression))
    }

    pub(super) fn expressions(&mut self, expressions: &[ast::Expr]) -> Vec<Expression> {
        expressions.iter().map(|expression| self.expression(expression)).collect()
    }

    pub(super) fn boxed(&mut self, expression: &ast::Expr) -> Box<Expression> {
        Box::new(self.expression(expression))
    }

    pub(super) fn other(&self, range: TextRange, what: &'static str) -> Expression {
        Expression { kind: ExpressionKind::Other(what), span: span(range) }
    }

    pub(super) fn expression(&mut self, expression: &ast::Expr) -> Expression {
        let kind = with_room(|| self.expression_kind(expression));
        Expression { kind, span: span(expression.range()) }
    }

    fn expression_kind(&mut self, expression: &ast::Expr) -> ExpressionKind {
        use ast::Expr;
        match expression {
            Expr::BoolOp(given) => {
                ExpressionKind::Logic(given.op == ast::BoolOp::And, self.expressions(&given.values))
            }
            Expr::Named(given) => match &*given.target {
                Expr::Name(name) => ExpressionKind::Named(self.name(&name.id), self.boxed(&given.value)),
                _ => ExpressionKind::Other("an assignment to something that is not a name"),
            },
            Expr::BinOp(given) => self.operation(given),
            Expr::UnaryOp(given) => {
                let unary = match given.op {
                    ast::UnaryOp::Invert => Unary::Invert,
                    ast::UnaryOp::Not => Unary::Not,
                    ast::UnaryOp::UAdd => Unary::Plus,
                    ast::UnaryOp::USub => Unary::Minus,
                };
                ExpressionKind::Negation(unary, self.boxed(&given.operand))
            }
            Expr::Lambda(given) => {
                let parameters = given.parameters.as_deref().map(|given| self.parameters(given));
                let body = self.expression(&given.body);
                ExpressionKind::Lambda(Rc::new(FunctionDefinition {
                    name: self.name("<lambda>"),
                    decorators: Vec::new(),
                    parameters: parameters.unwrap_or_default(),
                    generator: with_room(|| yields_within(&body)),
                    body: Body::Lambda(body),
                    asynchronous: false,
                    span: span(given.range),
                }))
            }
            Expr::If(given) => ExpressionKind::Choice(Box::new([
                self.expression(&given.test),
                self.expression(&given.body),
                self.expression(&given.orelse),
            ])),
            Expr::Dict(given) => {
                let items = given.items.iter();
                let item =
                    |item: &ast::DictItem| (self.optional(item.key.as_ref()), self.expression(&item.value));
                ExpressionKind::Dict(items.map(item).collect())
            }
            Expr::Set(given) => ExpressionKind::Set(self.expressions(&given.elts)),
            Expr::ListComp(given) => {
                let kind = ComprehensionKind::List(self.expression(&given.elt));
                self.comprehension(kind, &given.generators)
            }
            Expr::SetComp(given) => {
                let kind = ComprehensionKind::Set(self.expression(&given.elt));
                self.comprehension(kind, &given.generators)
            }
            Expr::DictComp(given) => match &given.key {
                Some(key) => {
                    let kind = ComprehensionKind::Dict(self.expression(key), self.expression(&given.value));
                    self.comprehension(kind, &given.generators)
                }
                None => ExpressionKind::Other("a comprehension that unpacks"),
            },
            Expr::Generator(given) => {
                let kind = ComprehensionKind::Generator(self.expression(&given.elt));
                self.comprehension(kind, &given.generators)
            }
            Expr::Await(_) => ExpressionKind::Other("await"),
            Expr::Yield(given) => ExpressionKind::Yield(self.optional(given.value.as_deref()).map(Box::new)),
            Expr::YieldFrom(given) => ExpressionKind::YieldFrom(self.boxed(&given.value)),
            Expr::Compare(given) => {
                let others = given.ops.iter().zip(&given.comparators);
                let others = others.map(|(op, other)| (comparison(*op), self.expression(other))).collect();
                ExpressionKind::Comparison(self.boxed(&given.left), others)
            }
            Expr::Call(given) => ExpressionKind::Call(Box::new(Call {
                function: self.expression(&given.func),
                arguments: self.arguments(&given.arguments),
            })),
            Expr::FString(given) => {
                let mut parts = Vec::new();
                for part in given.value.iter() {
                    match part {
                        ast::FStringPart::Literal(literal) => {
                            parts.push(FormatPart::Text(literal.value.as_ref().into()));
                        }
                        ast::FStringPart::FString(string) => parts.extend(self.format(&string.elements)),
                    }
                }
                ExpressionKind::Format(parts)
            }
            Expr::TString(_) => ExpressionKind::Other("a template string"),
            Expr::StringLiteral(given) => ExpressionKind::Str(given.value.to_str().into()),
            Expr::BytesLiteral(given) => {
                let bytes: Vec<u8> = given.value.iter().flat_map(|part| part.value.iter().copied()).collect();
                ExpressionKind::Bytes(bytes.into())
            }
            Expr::NumberLiteral(given) => match &given.value {
                ast::Number::Int(number) => match whole(&number.to_string()) {
                    Some(number) => ExpressionKind::Int(number),
                    None => ExpressionKind::Other("a number of more than 128 bits"),
                },
                ast::Number::Float(number) => ExpressionKind::Float(*number),
                ast::Number::Complex { .. } => ExpressionKind::Other("a complex number"),
            },
            Expr::BooleanLiteral(given) => ExpressionKind::Bool(given.value),
            Expr::NoneLiteral(_) => ExpressionKind::None,
            Expr::EllipsisLiteral(_) => ExpressionKind::Ellipsis,
            Expr::Attribute(given) => {
                ExpressionKind::Attribute(self.boxed(&given.value), self.name(&given.attr))
            }
            Expr::Subscript(given) => {
                ExpressionKind::Subscript(self.boxed(&given.value), self.boxed(&given.slice))
            }
            Expr::Starred(given) => ExpressionKind::Star(self.boxed(&given.value)),
            Expr::Name(given) => ExpressionKind::Name(self.name(&given.id)),
            Expr::List(given) => ExpressionKind::List(self.expressions(&given.elts)),
            Expr::Tuple(given) => ExpressionKind::Tuple(self.expressions(&given.elts)),
            Expr::Slice(given) => ExpressionKind::Slice(Box::new([
                self.optional(given.lower.as_deref()),
                self.optional(given.upper.as_deref()),
                self.optional(given.step.as_deref()),
            ])),
            Expr::IpyEscapeCommand(_) => ExpressionKind::Other("a command of IPython"),
        }
    }

    /// `a + b + c` stands in the tree with the last operator on top.
    fn operation(&mut self, given: &ast::ExprBinOp) -> ExpressionKind {
        let mut others = vec![(operator(given.op), self.expression(&given.right))];
        let mut left = &*given.left;
        while let ast::Expr::BinOp(inner) = left {
            others.push((operator(inner.op), self.expression(&inner.right)));
            left = &inner.left;
        }
        others.reverse();
        ExpressionKind::Operation(self.boxed(left), others)
    }

    fn comprehension(&mut self, kind: ComprehensionKind, clauses: &[ast::Comprehension]) -> ExpressionKind {
        let clause = |clause: &ast::Comprehension| Clause {
            target: self.expression(&clause.target),
            iterable: self.expression(&clause.iter),
            conditions: self.expressions(&clause.ifs),
            asynchronous: clause.is_async,
        };
        ExpressionKind::Comprehension(Box::new(Comprehension {
            kind,
            clauses: clauses.iter().map(clause).collect(),
        }))
    }

    fn format(&mut self, elements: &ast::InterpolatedStringElements) -> Vec<FormatPart> {
        let part = |element: &ast::InterpolatedStringElement| match element {
            ast::InterpolatedStringElement::Literal(literal) => {
                FormatPart::Text(literal.value.as_ref().into())
            }
            ast::InterpolatedStringElement::Interpolation(given) => FormatPart::Value {
                value: self.expression(&given.expression),
                shown: given.debug_text.as_ref().map(|text| text.as_str().into()),
                conversion: match given.conversion {
                    ast::ConversionFlag::None => None,
                    ast::ConversionFlag::Str => Some('s'),
                    ast::ConversionFlag::Ascii => Some('a'),
                    ast::ConversionFlag::Repr => Some('r'),
                },
                specification: given
                    .format_spec
                    .as_ref()
                    .map(|specification| with_room(|| self.format(&specification.elements)))
                    .unwrap_or_default(),
            },
        };
        elements.iter().map(part).collect()
    }
}

/// The number as it stands, in any base, with underscores or without.
fn whole(text: &str) -> Option<i128> {
    let text = text.replace('_', "").to_ascii_lowercase();
    let (digits, base) = match text.get(..2) {
        Some("0x") => (&text[2..], 16),
        Some("0o") => (&text[2..], 8),
        Some("0b") => (&text[2..], 2),
        Some(_) | None => (&text[..], 10),
    };
    i128::from_str_radix(digits, base).ok()
}

pub(super) fn operator(operator: ast::Operator) -> Operator {
    match operator {
        ast::Operator::Add => Operator::Add,
        ast::Operator::Sub => Operator::Subtract,
        ast::Operator::Mult => Operator::Multiply,
        ast::Operator::MatMult => Operator::MatrixMultiply,
        ast::Operator::Div => Operator::Divide,
        ast::Operator::Mod => Operator::Modulo,
        ast::Operator::Pow => Operator::Power,
        ast::Operator::LShift => Operator::ShiftLeft,
        ast::Operator::RShift => Operator::ShiftRight,
        ast::Operator::BitOr => Operator::Or,
        ast::Operator::BitXor => Operator::Xor,
        ast::Operator::BitAnd => Operator::And,
        ast::Operator::FloorDiv => Operator::FloorDivide,
    }
}

fn comparison(comparison: ast::CmpOp) -> Comparison {
    match comparison {
        ast::CmpOp::Eq => Comparison::Equal,
        ast::CmpOp::NotEq => Comparison::NotEqual,
        ast::CmpOp::Lt => Comparison::Less,
        ast::CmpOp::LtE => Comparison::LessOrEqual,
        ast::CmpOp::Gt => Comparison::Greater,
        ast::CmpOp::GtE => Comparison::GreaterOrEqual,
        ast::CmpOp::Is => Comparison::Is,
        ast::CmpOp::IsNot => Comparison::IsNot,
        ast::CmpOp::In => Comparison::In,
        ast::CmpOp::NotIn => Comparison::NotIn,
    }
}
