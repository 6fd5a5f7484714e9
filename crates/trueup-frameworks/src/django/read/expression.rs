//! Expressions of Django: conditions, functions and references to fields, before they are SQL.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::field::Field;
use super::literal::Literal;

#[derive(Clone, Debug)]
pub enum Expression {
    /// `F("a")`, maybe with transforms behind it: `a__year`.
    Reference(Rc<str>),
    Value {
        literal: Literal,
        output: Option<Rc<Field>>,
    },
    Condition(Condition),
    Function(Function),
    /// `left + right`, by Django's word for the operator.
    Combined {
        left: Box<Expression>,
        operator: Rc<str>,
        right: Box<Expression>,
        output: Option<Rc<Field>>,
    },
    Case {
        whens: Vec<(Expression, Expression)>,
        default: Box<Expression>,
        output: Option<Rc<Field>>,
    },
    Ordered {
        of: Box<Expression>,
        descending: bool,
        nulls: Option<Nulls>,
    },
    Raw {
        sql: Rc<str>,
        parameters: Vec<Literal>,
        output: Option<Rc<Field>>,
    },
    Wrapped {
        of: Box<Expression>,
        output: Option<Rc<Field>>,
    },
    Not(Box<Expression>),
    /// `OpClass` of an index.
    OperatorClass {
        of: Box<Expression>,
        name: Rc<str>,
    },
    Collated {
        of: Box<Expression>,
        collation: Rc<str>,
    },
    /// A lookup written as an expression: `GreaterThan(F("a"), 1)`.
    Lookup {
        left: Box<Expression>,
        name: Rc<str>,
        right: Box<Operand>,
    },
    List(Vec<Expression>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    First,
    Last,
}

/// `Q`, as it is written.
#[derive(Clone, Debug)]
pub enum Condition {
    /// `Q(a=1, b=2, _connector=…, _negated=…)`
    All {
        children: Vec<Child>,
        connector: Connector,
        negated: bool,
    },
    Both {
        connector: Connector,
        left: Box<Expression>,
        right: Box<Expression>,
    },
    Not(Box<Condition>),
}

#[derive(Clone, Debug)]
pub enum Child {
    /// `price__gt=0`
    Lookup {
        path: Rc<str>,
        operand: Operand,
    },
    Expression(Expression),
}

/// What something is compared with.
#[derive(Clone, Debug)]
pub enum Operand {
    Literal(Literal),
    Expression(Expression),
    /// A list that holds expressions.
    List(Vec<Operand>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connector {
    And,
    Or,
    Xor,
}

impl Connector {
    pub fn word(self) -> &'static str {
        match self {
            Self::And => "AND",
            Self::Or => "OR",
            Self::Xor => "XOR",
        }
    }
}

/// A call of a `Func`.
#[derive(Clone, Debug)]
pub struct Function {
    /// The name of Django's class: `Lower`; `Func` where the rest says all.
    pub class: Rc<str>,
    /// The module that Django's class stands in.
    pub module: Rc<str>,
    pub function: Option<Rc<str>>,
    pub template: Option<Rc<str>>,
    pub joiner: Option<Rc<str>>,
    pub arguments: Vec<Expression>,
    pub extra: BTreeMap<Rc<str>, Literal>,
    pub output: Option<Rc<Field>>,
}
